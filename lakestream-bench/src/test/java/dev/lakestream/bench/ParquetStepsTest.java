// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetStepsTest {
  private static final TokenStream SHAPE = new TokenStream(256, 4, 8, 1, 1);

  @TempDir private Path folder;

  @Test
  void everyRankReadsTheFooterAndItsRowGroups() throws Exception {
    Path file = folder.resolve("step.parquet");
    ParquetSteps step = new ParquetSteps(file, SHAPE);
    ParquetSteps.Read one = step.readBy(1);
    assertThat(one.values()).isEqualTo(SHAPE.stepBytes());
    assertThat(one.bytes()).isBetween(one.values(), Files.size(file));
    assertThat(one.requests()).as("length of the footer, footer, row groups").isEqualTo(3);
    ParquetSteps.Read eight = step.readBy(8);
    assertThat(eight.values()).isEqualTo(SHAPE.stepBytes());
    assertThat(eight.requests()).isEqualTo(8 * 3);
    long footer = (eight.bytes() - one.bytes()) / 7;
    assertThat(footer).as("what each further rank reads once more").isBetween(400L, 4000L);
  }
}
