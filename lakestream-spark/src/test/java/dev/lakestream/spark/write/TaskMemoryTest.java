// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.log.ProducerStamp;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A task needs memory for a bundle and a slot, not for a step, however large that is. */
class TaskMemoryTest {
  private static final int ROW_BYTES = 32 << 10;
  private static final StructType ROWS =
      new StructType()
          .add("tokens", DataTypes.createArrayType(DataTypes.IntegerType, false), false);

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "1, arrow, none",
    "2, arrow, none",
    "1, arrow, lz4",
    "1, parquet, none",
    "2, parquet, zstd"
  })
  void ofALargeStepLittleIsHeld(int pieces, String format, String compression) throws Exception {
    int slots = 64;
    int slotRows = 32; // 1 MiB
    long peak = peak(slots, slotRows, pieces, format, compression);
    assertThat(peak).isLessThan(16L << 20).isGreaterThan(4L << 20);
  }

  /** The peak of what a task takes outside of the heap while it forms two steps. */
  private long peak(int slots, int slotRows, int pieces, String format, String compression)
      throws Exception {
    WriteOptions options =
        WriteOptions.of(
            Map.of(
                "path", folder.toString(),
                "globalBatchSize", String.valueOf(slots * slotRows),
                "slots", String.valueOf(slots),
                "pieces", String.valueOf(pieces),
                "sequence", "tokens",
                "fixedLength.tokens", String.valueOf(ROW_BYTES / Integer.BYTES),
                "bundleFormat", format,
                "compression", compression,
                "bundleSize", "4MB"));
    WritePlan plan =
        WriteTarget.of(options, ROWS)
            .plan(options, Optional.empty(), new ProducerStamp("job", 1, 0));
    try (ObjectStore store = LocalObjectStore.at(folder);
        BufferAllocator allocator = new RootAllocator();
        TaskCells cells = new TaskCells(plan, store, allocator)) {
      UnorderedCut cut = new UnorderedCut(plan, cells);
      InternalRow row =
          new GenericInternalRow(
              new Object[] {
                UnsafeArrayData.fromPrimitiveArray(new int[ROW_BYTES / Integer.BYTES])
              });
      for (long count = 0; count < 2 * plan.stepRows(); count++) {
        cells.append(row);
        cut.after();
      }
      assertThat(cut.finish().steps()).hasSize(2);
      return allocator.getPeakMemoryAllocation();
    }
  }
}
