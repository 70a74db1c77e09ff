// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.colocated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.PeersInstalled;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ColocatedComparisonTest {
  private static final int STEPS = 8;

  @TempDir Path folder;

  /** What is never missing: our own documents, and signs that tokenizers disagree about. */
  private static List<String> documents() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("..", "docs"))) {
      StringBuilder text = new StringBuilder();
      for (Path file : files.filter(page -> page.toString().endsWith(".md")).sorted().toList()) {
        text.append(Files.readString(file));
      }
      return List.of(text.toString(), "  \n\t naïve 漢字 🙂🏽 <|endoftext|>\r\n\r\n 12345.6  ", "");
    }
  }

  @Test
  void everySideTrainsOnTheSameRows() throws Exception {
    // Each run compares a checksum of every batch, and throws.
    List<BenchResult> results =
        ColocatedComparison.run(PeersInstalled.tiny(folder), documents(), 4);
    assertThat(results)
        .filteredOn(result -> !result.against().isEmpty())
        .hasSize(5)
        .allSatisfy(result -> assertThat(result.ratio()).isPositive());
  }

  @Test
  void aBatchOfOtherRowsIsNoticed() throws Exception {
    Benchmark.Setting setting = PeersInstalled.tiny(folder);
    StepTexts texts = StepTexts.write(folder.resolve("texts"), documents(), STEPS);
    StepTexts others =
        StepTexts.write(folder.resolve("others"), List.of("x".repeat(300_000)), STEPS);
    Path root = folder.resolve("stream");
    try (Loop loop = Loop.start(setting.home(), texts);
        Producers producers = Producers.start(setting.home(), others, loop.otherCore())) {
      producers.begin(root);
      producers.await();
      assertThatThrownBy(() -> loop.stream(root, 0, 1, STEPS))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("step 0 had other rows");
    }
  }

  @Test
  void aStepIsWholeRows() throws IOException {
    StepTexts texts = StepTexts.write(folder.resolve("texts"), documents(), 1);
    IntBuffer tokens = texts.tokens(0);
    assertThat(tokens.remaining()).isPositive();
    assertThat(tokens.remaining() % StepTexts.ROW_TOKENS).isZero();
  }
}
