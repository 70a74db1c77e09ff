// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.bench.TokenStream;
import dev.lakestream.cli.CommandRun;
import dev.lakestream.log.CommitContent;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.reader.Cursor;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.LocalObjectStore.Durability;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A stream of 12 steps in bundles of 3; steps have 4 slots of 2 rows of 16 tokens. */
class ExplainCommandsTest {
  @TempDir private Path folder;
  private String uri = "";

  @BeforeEach
  void writeStream() throws Exception {
    Path stream = folder.resolve("stream");
    uri = stream.toString();
    try (ObjectStore store = LocalObjectStore.at(stream, Durability.PROCESS)) {
      new TokenStream(16, 2, 4, 3, 4).write(store);
    }
  }

  private JsonNode explained(String of, String... options) throws IOException {
    List<String> line = new ArrayList<>(List.of("explain", of, "--json"));
    line.addAll(List.of(options));
    return CommandRun.of(line.toArray(String[]::new)).json();
  }

  @Test
  void aStepIsExplainedAsStepsAndShowDo() throws Exception {
    JsonNode step = explained(uri, "--step=7", "--rows=2");
    JsonNode shown = CommandRun.of("show", uri, "7", "--rows=2", "--json").json();
    for (String name : List.of("digest", "rows", "tokens", "version", "producer", "cells")) {
      assertThat(step.get(name)).as(name).isEqualTo(shown.get(name));
    }
    assertThat(step.get("first_rows")).isEqualTo(shown.get("first_rows"));
    assertThat(step.get("digest_fits").booleanValue()).isTrue();
    assertThat(step.get("commit").get("first_step").intValue()).isEqualTo(6);
    assertThat(step.get("commit").get("steps").intValue()).isEqualTo(3);
    assertThat(step.get("bundles").get(0).get("steps").intValue()).isEqualTo(3);
    assertThat(step.get("delivered").booleanValue()).isTrue();
  }

  @Test
  void theCursorLeadsToTheStep() throws Exception {
    Cursor cursor = Cursor.fromJson(explained(uri, "--step=7").get("cursor").toString());
    try (ObjectStore store = LocalObjectStore.at(Path.of(uri))) {
      assertThat(LakeStream.open(store).check(cursor).nextStep()).isEqualTo(7);
    }
  }

  @Test
  void aRankHasItsSlotsAndBytes() throws Exception {
    JsonNode step = explained(uri, "--step=4", "--rank=1", "--dp=2", "--rows=3");
    JsonNode rank = step.get("rank");
    assertThat(rank.get("first_slot").intValue()).isEqualTo(2);
    assertThat(rank.get("slots").intValue()).isEqualTo(2);
    assertThat(rank.get("tokens").intValue()).isEqualTo(2 * 2 * 16);
    assertThat(rank.get("ranges")).as("one range for all its slots").hasSize(1);
    assertThat(step.get("slot_counts")).hasSize(2);
    assertThat(step.has("digest_fits")).as("its slots alone cannot tell").isFalse();
    assertThat(step.get("first_rows"))
        .extracting(row -> row.get("_slot").intValue())
        .containsExactly(2, 2, 3);
    JsonNode range = rank.get("ranges").get(0);
    long end = range.get("offset").longValue() + range.get("bytes").longValue();
    assertThat(step.get("stored_cells"))
        .hasSize(2)
        .allSatisfy(
            cell -> {
              long start = cell.get("offset").longValue();
              assertThat(start).isGreaterThan(range.get("offset").longValue());
              assertThat(start + cell.get("bytes").longValue()).isLessThanOrEqualTo(end);
            });
  }

  private static Commit stateOnly(String state) {
    return new Commit(
        new CommitContent.Inline(List.of(), List.of()),
        Optional.of(state),
        List.of(),
        Optional.empty(),
        List.of());
  }

  @Test
  void theStateOfTheSourceIsThatBeforeAndAfterTheCommit() throws Exception {
    try (ObjectStore store = LocalObjectStore.at(Path.of(uri), Durability.PROCESS)) {
      LakeStream stream = LakeStream.open(store);
      ProducerSession.open(stream, "bench").commit(stateOnly("{\"offset\":12}"));
    }
    assertThat(CommandRun.of("repeat", uri, "--from=0", "--to=3", "--producer=bench").exit())
        .isZero();
    JsonNode commit = explained(uri, "--step=12").get("commit");
    assertThat(commit.get("state_before").textValue()).isEqualTo("{\"offset\":12}");
    assertThat(commit.get("state_after").textValue()).isEqualTo("{\"offset\":12}");
    assertThat(commit.get("repeat").get("to").intValue()).isEqualTo(3);
    assertThat(explained(uri, "--step=0").get("commit").get("state_before").textValue()).isEmpty();
    assertThat(CommandRun.of("explain", uri, "--step=12").out())
        .contains("state_after     {\"offset\":12}");
  }

  @Test
  void whatTheLogHasForgottenIsSaid() throws Exception {
    Path entry = Path.of(uri, "log", "00000000000000000002.json");
    try (ObjectStore store = LocalObjectStore.at(Path.of(uri), Durability.PROCESS)) {
      LakeStream.open(store).writeSnapshot();
    }
    Files.delete(entry);
    JsonNode commit = explained(uri, "--step=4").get("commit");
    assertThat(commit.get("entry_is_there").booleanValue()).isFalse();
    assertThat(commit.get("state_before").isNull()).isTrue();
    assertThat(commit.has("id")).isFalse();
    assertThat(CommandRun.of("explain", uri, "--step=4").out())
        .contains("the log does not reach back so far any more");
    JsonNode next = explained(uri, "--step=7").get("commit");
    assertThat(next.get("entry_is_there").booleanValue()).isTrue();
    assertThat(next.get("state_before").isNull()).isTrue();
  }

  @Test
  void skipsAreToldWithTheirRules() throws Exception {
    long rules =
        CommandRun.of("skip", uri, "--from=2", "--to=4", "--reason=spike", "--json")
            .json()
            .get("rules")
            .longValue();
    JsonNode without = explained(uri, "--step=3");
    assertThat(without.get("delivered").booleanValue()).isTrue();
    assertThat(without.get("skips").get(0).get("reason").textValue()).isEqualTo("spike");
    JsonNode with = explained(uri, "--step=3", "--rules=" + rules);
    assertThat(with.get("delivered").booleanValue()).isFalse();
    assertThat(with.get("cursor").get("rules").longValue()).isEqualTo(rules);
    assertThat(explained(uri, "--step=4").get("skips")).isEmpty();
    CommandRun.of("explain", uri, "--step=3", "--rules=99").assertError("--rules is 99");
    assertThat(CommandRun.of("explain", uri, "--step=3").out())
        .contains("skipped for readers with rules=" + rules + " or later");
  }

  @Test
  void aForkSaysWhoseTheStepIs() throws Exception {
    CommandRun.of("fork", uri, "--name=x", "--step=5", "--json").json();
    JsonNode inherited = explained(uri + "/forks/x", "--step=4");
    JsonNode parents = explained(uri, "--step=4");
    assertThat(inherited.get("from_stream").get("id")).isEqualTo(parents.get("stream"));
    assertThat(inherited.get("from_stream").get("ancestor").intValue()).isOne();
    assertThat(inherited.get("commit")).isEqualTo(parents.get("commit"));
    assertThat(inherited.get("slot_counts")).isEqualTo(parents.get("slot_counts"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --step=12                               | step 12 is not committed: the tail is 11
          --step=-1                               | steps begin with 0
          --step=3 --rank=2 --dp=2                | dp_rank 2 of dp_size 2
          --step=3 --rank=0 --dp=3                | dp_size 3 does not divide the 4 slots
          --step=3 --rank=0                       | --rank needs --dp
          --step=3 --cp=2                         | --cp needs --cp-rank
          --step=3 --cp=2 --cp-rank=2             | cp_rank 2 of cp_size 2
          --step=3 --split=diagonal               | it must be contiguous or zigzag
          --step=3 --rows=-1                      | --rows must be at least 0
          """)
  void mistakesAreRefused(String options, String message) {
    List<String> line = new ArrayList<>(List.of("explain", uri));
    line.addAll(List.of(options.split(" ")));
    CommandRun.of(line.toArray(String[]::new)).assertError(message);
  }

  @Test
  void rangesAreComparedStepByStep() throws Exception {
    JsonNode same = CommandRun.of("diff", uri, "2..5", "2..5", "--json").json();
    assertThat(same.get("identical").booleanValue()).isTrue();
    assertThat(same.get("same_steps").intValue()).isEqualTo(3);
    assertThat(same.has("first_difference")).isFalse();
    JsonNode shorter = CommandRun.of("diff", uri, "..5", "0..3", "--json").json();
    assertThat(shorter.get("identical").booleanValue()).isFalse();
    assertThat(shorter.get("steps_without_counterpart").intValue()).isEqualTo(2);
    assertThat(shorter.get("first_difference").get("left_step").intValue()).isEqualTo(3);
    assertThat(shorter.get("first_difference").has("right_step")).isFalse();
    assertThat(shorter.get("left").get("producers").get("bench").get("rows").intValue())
        .isEqualTo(5 * 8);
    assertThat(CommandRun.of("diff", uri, "0..5", "0..3", "--exit-code").exit()).isOne();
    assertThat(CommandRun.of("diff", uri, "0..3", "0..3", "--exit-code").exit()).isZero();
  }

  @Test
  void twoStreamsAreCompared() throws Exception {
    Path other = folder.resolve("other");
    try (ObjectStore store = LocalObjectStore.at(other, Durability.PROCESS)) {
      new TokenStream(8, 2, 4, 3, 1).write(store);
    }
    CommandRun text = CommandRun.of("diff", uri, "0..3", other.toString(), "0..3", "--limit=1");
    assertThat(text.exit()).as(text.err()).isZero();
    assertThat(text.out())
        .contains("first difference: step 0 on the left, 0 on the right, from slot 0 on")
        .contains("… and 2 more (--limit)");
  }

  @ParameterizedTest
  @CsvSource({
    "3,       0..2, is no range of steps",
    "5..5,    0..2, has no steps",
    "0..2,    9..13, goes beyond the tail: the last step is 11",
    "0..2,    20.., has no steps",
  })
  void rangesThatAreNoneAreRefused(String left, String right, String message) {
    CommandRun.of("diff", uri, left, right).assertError(message);
  }

  @Test
  void trimmedStepsAreNamed() throws Exception {
    assertThat(CommandRun.of("trim", uri, "--to-step=6").exit()).isZero();
    CommandRun.of("explain", uri, "--step=5").assertError("the first readable step is 6");
    CommandRun.of("diff", uri, "5..8", "6..9").assertError("begins with steps that were trimmed");
    JsonNode first = explained(uri, "--step=6");
    assertThat(first.get("cursor").get("digest").textValue()).isEqualTo("0".repeat(64));
  }
}
