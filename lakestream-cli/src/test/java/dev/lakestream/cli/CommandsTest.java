// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.bench.TokenStream;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.testing.GoldenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandsTest {
  @TempDir private Path folder;
  private Path stream;

  @BeforeEach
  void writeStream() throws Exception {
    stream = folder.resolve("stream");
    try (ObjectStore store = LocalObjectStore.at(stream, LocalObjectStore.Durability.PROCESS)) {
      new TokenStream(16, 2, 4, 3, 5).write(store);
    }
  }

  @Test
  void everyCommandExplainsItselfAndSpeaksJson() {
    for (CommandLine command : Main.commandLine().getSubcommands().values()) {
      if (!command.getCommandSpec().usageMessage().hidden()) {
        assertThat(command.getCommandSpec().optionsMap())
            .as(command.getCommandName())
            .containsKeys("--help", "--json");
        assertThat(command.getUsageMessage()).contains(command.getCommandName());
      }
    }
  }

  @Test
  void createdStreamsAreDescribed() throws Exception {
    String uri = folder.resolve("new").toString();
    CommandRun created =
        CommandRun.of(
            "create",
            uri,
            "--schema=tokens: fixed_size_list<int32>[8], docs: list<int32>",
            "--slots=6",
            "--sequence=tokens",
            "--boundaries=docs");
    assertThat(created.exit()).as(created.err()).isZero();
    JsonNode described = CommandRun.of("describe", uri, "--json").json();
    assertThat(described.get("slots").intValue()).isEqualTo(6);
    assertThat(described.get("steps").intValue()).isZero();
    assertThat(described.get("boundaries").textValue()).isEqualTo("docs");
    assertThat(described.get("columns").get(0).get("type").textValue())
        .isEqualTo("fixed_size_list<int32>[8]");
  }

  @Test
  void mistakesAreRefusedInOneLine() {
    String uri = folder.resolve("none").toString();
    CommandRun.of("describe", uri).assertError("there is no stream at");
    CommandRun.of("create", uri, "--schema=a: int33", "--slots=4")
        .assertError("'int33' is no type");
    CommandRun.of("create", uri, "--schema=a: int32", "--slots=0")
        .assertError("slots must be 1 to");
    CommandRun.of("create", uri, "--schema=a: int32", "--slots=4", "--sequence=b")
        .assertError("sequence column 'b'");
    CommandRun.of("describe", "nowhere://bucket/x").assertError("no store for 'nowhere:'");
    CommandRun.of("describe", "--store=local.durability=never", uri)
        .assertError("local.durability");
    CommandRun.of("show", stream.toString(), "15")
        .assertError("step 15 is not committed: the tail is 14");
    CommandRun.of("bench", "nothing").assertError("there is no benchmark 'nothing'");
    assertThat(Files.exists(folder.resolve("none"))).as("nothing was written").isFalse();
  }

  @Test
  void stepsAreListed() throws Exception {
    List<JsonNode> steps =
        CommandRun.of("steps", stream.toString(), "--from=4", "--to=7", "--json").lines();
    assertThat(steps).extracting(step -> step.get("step").intValue()).containsExactly(4, 5, 6);
    assertThat(steps)
        .allSatisfy(
            step -> {
              assertThat(step.get("rows").intValue()).isEqualTo(8);
              assertThat(step.get("tokens").intValue()).isEqualTo(128);
              assertThat(step.get("producer").textValue()).isEqualTo("bench");
            });
    assertThat(steps.get(0).get("first_row").intValue()).isEqualTo(32);
  }

  @Test
  void aStepIsShownWithItsCellsAndRows() throws Exception {
    JsonNode step =
        CommandRun.of("show", stream.toString(), "7", "--slot=2", "--rows=1", "--json").json();
    assertThat(step.get("cells")).hasSize(1);
    assertThat(step.get("cells").get(0).get("bundle_step").intValue()).isEqualTo(1);
    assertThat(step.get("slot_counts")).hasSize(4);
    assertThat(step.get("first_rows")).hasSize(1);
    assertThat(step.get("first_rows").get(0).get("_slot").intValue()).isEqualTo(2);
    assertThat(step.get("first_rows").get(0).get("tokens")).hasSize(16);
  }

  @Test
  void theTailIsThatOfTheLog() throws Exception {
    List<JsonNode> commits = CommandRun.of("tail", stream.toString(), "-n", "2", "--json").lines();
    assertThat(commits)
        .extracting(commit -> commit.get("first_step").intValue())
        .containsExactly(9, 12);
    assertThat(commits)
        .allSatisfy(commit -> assertThat(commit.get("steps").intValue()).isEqualTo(3));
  }

  /** Bundles of both formats. */
  @Test
  void aStreamOfParquetFilesIsVerifiedAndDescribed() throws Exception {
    String parquet = GoldenFiles.root().resolve("good/data-parquet/stream").toString();
    JsonNode result = CommandRun.of("verify", parquet, "--json").json();
    assertThat(result.get("ok").booleanValue()).isTrue();
    assertThat(result.get("steps").intValue()).isEqualTo(6);
    assertThat(CommandRun.of("steps", parquet, "--json").lines()).hasSize(6);
    assertThat(CommandRun.of("describe", parquet).exit()).isZero();
    CommandRun damaged =
        CommandRun.of(
            "verify",
            GoldenFiles.root().resolve("bad/data-parquet-flipped-in-row-group/stream").toString());
    assertThat(damaged.out() + damaged.err()).contains(".parquet").contains("CRC32C");
  }

  /** No reader of the stream looks at it, but other tools do. */
  @Test
  void theFooterOfAParquetFileIsVerifiedToo() throws Exception {
    Path copy = folder.resolve("copy");
    Path golden = GoldenFiles.root().resolve("good/data-parquet/stream");
    try (Stream<Path> files = Files.walk(golden)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(golden.relativize(file).toString()));
      }
    }
    Path bundle;
    try (Stream<Path> files = Files.walk(copy)) {
      bundle = files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(bundle);
    bytes[bytes.length - 1] ^= 1;
    Files.write(bundle, bytes);
    JsonNode result = CommandRun.of("verify", copy.toString(), "--json").lines().get(0);
    assertThat(result.get("ok").booleanValue()).isFalse();
    assertThat(result.get("faults").toString())
        .contains(bundle.getFileName() + " is no Parquet file");
  }

  @Test
  void aSoundStreamIsVerified() throws Exception {
    JsonNode result = CommandRun.of("verify", stream.toString(), "--json").json();
    assertThat(result.get("ok").booleanValue()).isTrue();
    assertThat(result.get("steps").intValue()).isEqualTo(15);
    assertThat(result.get("slots").intValue()).isEqualTo(60);
    assertThat(result.get("rows").intValue()).isEqualTo(120);
    assertThat(result.get("bundles").intValue()).isEqualTo(5);
    assertThat(result.has("unreachable_objects")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.3, 0.5, 0.7, 0.9})
  void aFlippedBitInABundleIsFound(double where) throws Exception {
    Path bundle = bundles().get(2);
    byte[] content = Files.readAllBytes(bundle);
    content[(int) (content.length * where)] ^= 4;
    replace(bundle, content);
    assertFault(bundle);
  }

  @Test
  void aTruncatedAndAMissingBundleAreFound() throws Exception {
    Path truncated = bundles().get(0);
    byte[] content = Files.readAllBytes(truncated);
    replace(truncated, java.util.Arrays.copyOf(content, content.length - 64));
    assertFault(truncated);
    Files.delete(bundles().get(1));
    assertThat(CommandRun.of("verify", stream.toString()).out()).contains("is missing");
  }

  @Test
  void aDamagedEntryIsFound() throws Exception {
    Path entry = stream.resolve("log/00000000000000000003.json");
    byte[] content = Files.readAllBytes(entry);
    content[40] ^= 1;
    replace(entry, content);
    assertFault(entry);
  }

  @Test
  void anEntryBehindAGapIsFound() throws Exception {
    Files.move(
        stream.resolve("log/00000000000000000005.json"),
        stream.resolve("log/00000000000000000009.json"));
    CommandRun result = CommandRun.of("verify", stream.toString());
    assertThat(result.exit()).isOne();
    assertThat(result.out()).contains("lies behind a gap");
  }

  @Test
  void garbageIsCountedAndNotBlamed() throws Exception {
    Path bundle = bundles().get(0);
    Files.copy(bundle, bundle.resolveSibling("garbage.arrow"));
    JsonNode result = CommandRun.of("verify", stream.toString(), "--json").json();
    assertThat(result.get("ok").booleanValue()).isTrue();
    assertThat(result.get("unreachable_objects").intValue()).isOne();
    assertThat(result.get("unreachable_bytes").longValue()).isEqualTo(Files.size(bundle));
  }

  private void assertFault(Path object) throws IOException {
    CommandRun result = CommandRun.of("verify", stream.toString(), "--json");
    assertThat(result.exit()).isOne();
    JsonNode faults = result.lines().get(0).get("faults");
    assertThat(faults).isNotEmpty();
    assertThat(faults.toString()).contains(object.getFileName().toString());
  }

  private List<Path> bundles() throws IOException {
    try (Stream<Path> files = Files.walk(stream.resolve("data"))) {
      return files.filter(file -> file.toString().endsWith(".arrow")).sorted().toList();
    }
  }

  /** Another file under the same name, as damage would leave it; the old one may be mapped. */
  private static void replace(Path file, byte[] content) throws IOException {
    Files.delete(file);
    Files.write(file, content);
  }
}
