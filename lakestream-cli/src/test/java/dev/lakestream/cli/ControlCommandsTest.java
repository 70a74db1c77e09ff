// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.bench.TokenStream;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator does to a stream with data, and that it is sound afterwards. */
@Timeout(120)
class ControlCommandsTest {
  private static final int STEPS = 12;

  @TempDir private Path folder;
  private String uri = "";

  @BeforeEach
  void writeStream() throws Exception {
    Path stream = folder.resolve("stream");
    uri = stream.toString();
    try (ObjectStore store = LocalObjectStore.at(stream, LocalObjectStore.Durability.PROCESS)) {
      new TokenStream(16, 2, 4, 3, 4).write(store);
    }
    assertThat(describe(uri).get("steps").intValue()).isEqualTo(STEPS);
  }

  private static JsonNode describe(String of) throws IOException {
    return CommandRun.of("describe", of, "--json").json();
  }

  private static JsonNode verified(String of) throws IOException {
    JsonNode report = CommandRun.of("verify", of, "--json").json();
    assertThat(report.get("ok").booleanValue()).as(report.toString()).isTrue();
    return report;
  }

  private List<String> digests(String of) throws IOException {
    List<String> digests = new ArrayList<>();
    for (JsonNode step : CommandRun.of("steps", of, "--from", "0", "--json").lines()) {
      digests.add(step.get("digest").textValue());
    }
    return digests;
  }

  /** Where the cells of each step are. */
  private List<JsonNode> cells(int from, int to) throws IOException {
    List<JsonNode> cells = new ArrayList<>();
    for (int step = from; step < to; step++) {
      cells.add(CommandRun.of("show", uri, String.valueOf(step), "--json").json().get("cells"));
    }
    return cells;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void skipTellsTheRulesThatReadersNeed() throws Exception {
    JsonNode skipped =
        CommandRun.of("skip", uri, "--from=2", "--to=4", "--reason=loss spike", "--json").json();
    long rules = describe(uri).get("version").longValue();
    assertThat(skipped.get("rules").longValue()).isEqualTo(rules);
    assertThat(describe(uri).get("skips").get(0).get("reason").textValue()).isEqualTo("loss spike");
    CommandRun text = CommandRun.of("skip", uri, "--from=3", "--to=6", "--reason=more");
    assertThat(text.out()).contains("rules=" + (rules + 1)).contains("all ranks alike");
    assertThat(verified(uri).get("steps").intValue()).as("the data stays").isEqualTo(STEPS);
  }

  @Test
  void sealEndsTheStream() throws Exception {
    assertThat(CommandRun.of("seal", uri, "--json").json().get("steps").intValue())
        .isEqualTo(STEPS);
    assertThat(CommandRun.of("tail", uri, "--follow").out()).contains("sealed after step 11");
    assertThat(CommandRun.of("seal", uri).err()).startsWith("error: the stream is sealed already");
    assertThat(CommandRun.of("evolve", uri, "--add=x: int32").exit()).isEqualTo(1);
    assertThat(CommandRun.of("repeat", uri, "--from=0", "--to=3").err()).contains("sealed");
    verified(uri);
  }

  @Test
  void evolveAddsNullableColumns() throws Exception {
    JsonNode evolved =
        CommandRun.of("evolve", uri, "--add=score: float32, lang: utf8?", "--json").json();
    assertThat(evolved.get("schema").intValue()).isEqualTo(1);
    assertThat(evolved.get("first_step").intValue()).isEqualTo(STEPS);
    JsonNode columns = describe(uri).get("columns");
    assertThat(columns.get(columns.size() - 2).get("type").textValue()).isEqualTo("float32?");
    assertThat(columns.get(columns.size() - 1).get("type").textValue()).isEqualTo("utf8?");
    String column = columns.get(0).get("name").textValue();
    assertThat(CommandRun.of("evolve", uri, "--add=" + column + ": int32").err())
        .startsWith("error: the columns can't be added");
    verified(uri);
  }

  @Test
  void defaultsChangeOnlyWhatIsNew() throws Exception {
    JsonNode changed = CommandRun.of("defaults", uri, "--slots=8", "--json").json();
    assertThat(changed.get("slots").intValue()).isEqualTo(8);
    assertThat(changed.get("pieces").intValue()).isEqualTo(describe(uri).get("pieces").intValue());
    assertThat(describe(uri).get("slots").intValue()).isEqualTo(8);
    verified(uri);
  }

  @Test
  void aForkIsAStreamOfItsOwn() throws Exception {
    JsonNode made = CommandRun.of("fork", uri, "--name=x", "--step=5", "--json").json();
    String fork = made.get("uri").textValue();
    assertThat(fork).isEqualTo(uri + "/forks/x");
    assertThat(describe(fork).get("steps").intValue()).isEqualTo(5);
    assertThat(describe(fork).get("fork").get("step").intValue()).isEqualTo(5);
    assertThat(digests(fork)).isEqualTo(digests(uri).subList(0, 5));
    assertThat(CommandRun.of("show", fork, "4").exit()).isZero();
    assertThat(verified(fork).get("steps_of_parents").intValue()).isEqualTo(5);
    assertThat(verified(uri).get("forks").intValue()).isEqualTo(1);
    assertThat(CommandRun.of("fork", fork + "/", "--name=y").exit()).isZero();
    assertThat(verified(fork + "/forks/y").get("steps").intValue()).isEqualTo(5);

    JsonNode listed = CommandRun.of("forks", uri, "--json").json();
    assertThat(listed.get("name").textValue()).isEqualTo("x");
    assertThat(listed.get("state").textValue()).isEqualTo("live");
    assertThat(CommandRun.of("forks", uri).out()).contains("first own step").contains("live");
    assertThat(CommandRun.of("fork", uri, "--name=x").err()).contains("choose another name");
    assertThat(CommandRun.of("forks", uri, "--delete=x").err()).contains("has forks itself");
    assertThat(CommandRun.of("forks", fork, "--delete=y").exit()).isZero();
    assertThat(CommandRun.of("forks", uri, "--delete=x").exit()).isZero();
    assertThat(CommandRun.of("describe", fork).exit()).isEqualTo(1);
    assertThat(CommandRun.of("forks", uri).out()).contains("deleted");
    assertThat(verified(uri).get("steps").intValue()).isEqualTo(STEPS);
  }

  @Test
  void verifyFindsAForkWithoutAPin() throws Exception {
    assertThat(CommandRun.of("fork", uri, "--name=x", "--step=5").exit()).isZero();
    try (Stream<Path> pins = Files.list(folder.resolve("stream/pins/fork"))) {
      Files.delete(pins.findFirst().orElseThrow());
    }
    CommandRun result = CommandRun.of("verify", uri, "--json");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).contains("has no pin");
  }

  @ParameterizedTest
  @ValueSource(strings = {"steps", "slots", "as-written"})
  void aRepeatIsMadeOnce(String order) throws Exception {
    String[] command = {
      "repeat", uri, "--from=2", "--to=12", "--seed=3", "--order=" + order, "--json"
    };
    JsonNode made = CommandRun.of(command).json();
    assertThat(made.get("first_step").intValue()).isEqualTo(STEPS);
    assertThat(made.get("steps").intValue()).isEqualTo(10);
    JsonNode again = CommandRun.of(command).json();
    assertThat(again.get("committed").booleanValue()).isFalse();
    JsonNode report = verified(uri);
    assertThat(report.get("steps").intValue()).isEqualTo(22);
    assertThat(report.get("repeats").intValue()).isEqualTo(1);
    List<JsonNode> before = cells(2, 12);
    List<JsonNode> after = cells(12, 22);
    assertThat(after.equals(before)).isEqualTo(order.equals("as-written"));
    if (!order.equals("slots")) {
      assertThat(after).containsExactlyInAnyOrderElementsOf(before);
    }
  }

  /** Refused before anything is written. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "skip --from=3 --to=3 --reason=r",
        "skip --from=-1 --to=3 --reason=r",
        "skip --from=3 --to=13 --reason=r",
        "defaults",
        "defaults --slots=0",
        "defaults --slots=65536 --pieces=1024",
        "evolve --add=tokens",
        "evolve --add=_x:int32",
        "fork --name=../x",
        "fork --name=x --step=13",
        "fork --name=x --step=-1",
        "forks --delete=x",
        "repeat --from=0 --to=13",
        "repeat --from=0 --to=3 --order=random",
        "repeat --from=0 --to=3 --without-skipped=99",
      })
  void badInputChangesNothing(String arguments) throws Exception {
    List<Path> before = files();
    List<String> command = new ArrayList<>(List.of(arguments.split(" ")));
    command.add(1, uri);
    CommandRun result = CommandRun.of(command.toArray(String[]::new));
    result.assertError("error: ");
    assertThat(files()).isEqualTo(before);
  }
}
