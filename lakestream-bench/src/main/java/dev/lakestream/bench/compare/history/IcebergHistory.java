// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.history;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/**
 * An Iceberg table, appended to by {@code newAppend}, which merges manifests when there are a
 * hundred. Snapshots are kept, as by default, or expired every hundred commits but for ten, and old
 * metadata deleted, as its documentation recommends for tables that are written often.
 */
final class IcebergHistory implements History {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "step", Types.LongType.get()),
          Types.NestedField.required(
              2, "tokens", Types.ListType.ofRequired(3, Types.IntegerType.get())));
  private static final int EXPIRE_EVERY = 100;
  private static final int KEPT = 10;

  private final HadoopTables tables = new HadoopTables(HadoopBytes.configuration());
  private final HadoopBytes bytes = new HadoopBytes();
  private final String place;
  private final boolean expiring;
  private final Table table;
  private long commits;

  IcebergHistory(Path folder, boolean expiring) {
    this.place = folder.toString();
    this.expiring = expiring;
    this.table =
        tables.create(
            SCHEMA,
            PartitionSpec.unpartitioned(),
            expiring
                ? Map.of(
                    "write.metadata.delete-after-commit.enabled", "true",
                    "write.metadata.previous-versions-max", "10")
                : Map.of(),
            place);
  }

  @Override
  public String name() {
    return expiring ? "Iceberg, snapshots expired" : "Iceberg";
  }

  @Override
  public void commit() {
    table.newAppend().appendFile(file(commits * STEPS)).commit();
    commits++;
    if (expiring && commits % EXPIRE_EVERY == 0) {
      table.expireSnapshots().expireOlderThan(System.currentTimeMillis()).retainLast(KEPT).commit();
    }
  }

  private DataFile file(long firstStep) {
    long rows = STEPS * 512L;
    Metrics metrics =
        new Metrics(
            rows,
            Map.of(1, 1_000L, 3, 16_000_000L),
            Map.of(1, rows, 3, rows * 2048),
            Map.of(1, 0L, 3, 0L),
            Map.of(),
            Map.of(1, Conversions.toByteBuffer(Types.LongType.get(), firstStep)),
            Map.of(1, Conversions.toByteBuffer(Types.LongType.get(), firstStep + STEPS - 1)));
    return DataFiles.builder(PartitionSpec.unpartitioned())
        .withPath(place + "/data/" + UUID.randomUUID() + ".parquet")
        .withFileSizeInBytes(16_777_216)
        .withRecordCount(rows)
        .withMetrics(metrics)
        .build();
  }

  @Override
  public int round() {
    return EXPIRE_EVERY;
  }

  @Override
  public void openAndFind(long step) throws IOException {
    int found = 0;
    try (CloseableIterable<FileScanTask> files =
        tables.load(place).newScan().filter(Expressions.equal("step", step)).planFiles()) {
      for (FileScanTask file : files) {
        found += file.file().recordCount() > 0 ? 1 : 0;
      }
    }
    if (found != 1) {
      throw new IOException("step " + step + " is in " + found + " files of " + place);
    }
  }

  @Override
  public long takeBytes() {
    return bytes.take();
  }
}
