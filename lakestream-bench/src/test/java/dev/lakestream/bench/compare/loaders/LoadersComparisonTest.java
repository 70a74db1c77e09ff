// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.PeersInstalled;
import dev.lakestream.bench.PythonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LoadersComparisonTest {
  private static final int ROWS = 4 * Corpus.STEP_ROWS;

  private Benchmark.Setting setting;
  private Corpus corpus;

  @BeforeAll
  void writeCorpus(@TempDir Path folder) throws Exception {
    setting = PeersInstalled.tiny(folder);
    corpus = Corpus.write(setting.home(), folder.resolve("corpus"), ROWS);
  }

  @Test
  void everyLoaderBringsEveryRowOnce() throws IOException {
    for (String kind : LoadersComparison.kinds()) {
      // Starting compares a digest of all rows.
      try (LoaderProcess loader = LoaderProcess.start(setting.home(), kind, corpus, 0)) {
        assertThat(loader.pass().rate()).as(kind).isPositive();
        assertThat(loader.resume(2)).as(kind).isPositive();
      }
    }
  }

  @Test
  void aChangedRowIsNoticed(@TempDir Path other) throws IOException {
    byte[] tokens = Files.readAllBytes(corpus.root().resolve("tokens.bin"));
    tokens[40_000]++;
    Files.write(other.resolve("tokens.bin"), tokens);
    Corpus changed = new Corpus(other, corpus.rows(), corpus.sum(), corpus.digest());
    assertThatThrownBy(() -> LoaderProcess.start(setting.home(), "dataloader", changed, 0).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("delivered other rows");
  }

  @Test
  void aStreamLosesAndRepeatsNothingOnOtherRanks() throws IOException {
    JsonNode answer =
        PythonProcess.run(
            setting.home(),
            Map.of(),
            "loaders.py",
            "ranks",
            "lakestream",
            corpus.root(),
            corpus.rows(),
            2);
    assertThat(answer.get("lost").asInt()).isZero();
    assertThat(answer.get("repeated").asInt()).isZero();
    assertThat(answer.get("batches as undisturbed").asInt()).isEqualTo(2);
  }
}
