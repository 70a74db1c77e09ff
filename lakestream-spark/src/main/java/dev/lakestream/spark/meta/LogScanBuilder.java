// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.meta;

import dev.lakestream.spark.options.ReadOptions;
import dev.lakestream.spark.options.ReadSubject;
import dev.lakestream.spark.read.ReadExtent;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;

/** Plans a read of the log: the driver finds out how many steps there are, and nothing else. */
public final class LogScanBuilder implements ScanBuilder {
  private static final long STEPS_OF_A_TASK = 65_536;

  private final ReadOptions options;

  public LogScanBuilder(ReadOptions options) {
    this.options = options;
  }

  @Override
  public Scan build() {
    try (ObjectStore store = options.address().open()) {
      ReadExtent extent = ReadExtent.of(LakeStream.open(store), options);
      return new LogScan(options, ranges(options.about(), extent));
    } catch (IOException e) {
      throw new UncheckedIOException("the stream at " + options.address() + " can't be read", e);
    }
  }

  private static List<LogRange> ranges(ReadSubject about, ReadExtent extent) {
    if (about == ReadSubject.PRODUCERS || about == ReadSubject.PINS) {
      return List.of(new LogRange(extent.first(), extent.end(), true));
    }
    List<LogRange> ranges = new ArrayList<>();
    for (long first = extent.first(); first < extent.end(); first += STEPS_OF_A_TASK) {
      ranges.add(
          new LogRange(
              first, Math.min(extent.end(), first + STEPS_OF_A_TASK), first == extent.first()));
    }
    return ranges;
  }

  private record LogScan(ReadOptions options, List<LogRange> ranges) implements Scan, Batch {
    @Override
    public StructType readSchema() {
      return LogTables.schemaOf(options.about());
    }

    @Override
    public String description() {
      return "lakestream " + options.address() + " " + options.about();
    }

    @Override
    public Batch toBatch() {
      return this;
    }

    @Override
    public InputPartition[] planInputPartitions() {
      return ranges.toArray(InputPartition[]::new);
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
      return new LogReaderFactory(options.address(), options.about());
    }
  }
}
