// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.schema.StreamSchema;
import dev.lakestream.spark.place.MetadataColumns;
import dev.lakestream.spark.vector.CellColumns;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.execution.vectorized.ConstantColumnVector;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.types.UTF8String;

/** Reads a partition: one batch for each cell, step after step within a bundle. */
final class BatchReader implements PartitionReader<ColumnarBatch> {
  private final BatchReaderFactory job;
  private final StructType readSchema;
  private final Iterator<ReadItem> items;
  private final ObjectStore store;
  private final BufferAllocator allocator;
  private final Set<String> wanted;
  private final ReadMetrics.Counts counts = new ReadMetrics.Counts();
  private long rowsLeft;
  private Optional<ItemCursor> cursor = Optional.empty();
  private Optional<VectorSchemaRoot> rows = Optional.empty();
  private Optional<ColumnarBatch> batch = Optional.empty();

  /** Where one is in an item. */
  private record ItemCursor(ReadItem item, SlotCells cells, int next) {
    int bundleStep() {
      return item.range().bundleStep() + next / item.range().count();
    }

    int slotOffset() {
      return next % item.range().count();
    }

    long step() {
      return item.firstStep() + next / item.range().count();
    }

    boolean isAtEnd() {
      return next == item.range().count() * item.range().steps();
    }

    ItemCursor advanced() {
      return new ItemCursor(item, cells, next + 1);
    }

    VectorSchemaRoot rows() throws IOException {
      return cells.rows(item.range().slot() + slotOffset(), bundleStep());
    }
  }

  BatchReader(BatchReaderFactory job, StreamPartition partition) {
    this.job = job;
    this.readSchema = job.readSchema();
    this.items = partition.items().iterator();
    this.rowsLeft = job.limit();
    this.store = job.address().open();
    this.allocator =
        ArrowUtils.rootAllocator().newChildAllocator("lakestream read", 0, Long.MAX_VALUE);
    this.wanted =
        Arrays.stream(readSchema.fieldNames())
            .filter(name -> !MetadataColumns.isOne(name))
            .collect(Collectors.toSet());
  }

  @Override
  public boolean next() throws IOException {
    release();
    while (rowsLeft > 0) {
      if (cursor.isEmpty() || cursor.get().isAtEnd()) {
        closeItem();
        if (!items.hasNext()) {
          return false;
        }
        cursor = Optional.of(open(items.next()));
      }
      ItemCursor here = cursor.get();
      cursor = Optional.of(here.advanced());
      int requests = here.cells().requests();
      long bytes = here.cells().bytes();
      VectorSchemaRoot cell = here.rows();
      counts.fetched(here.cells().requests() - requests, here.cells().bytes() - bytes);
      rows = Optional.of(cell);
      counts.cell();
      if (cell.getRowCount() > 0) {
        rowsLeft -= cell.getRowCount();
        batch = Optional.of(batch(cell, here));
        return true;
      }
      release();
    }
    return false;
  }

  @Override
  public CustomTaskMetric[] currentMetricsValues() {
    return counts.values();
  }

  @Override
  public ColumnarBatch get() {
    return batch.orElseThrow();
  }

  @Override
  public void close() throws IOException {
    try (store;
        allocator) {
      release();
      closeItem();
    }
  }

  private ItemCursor open(ReadItem item) throws IOException {
    StreamSchema schema = job.schemas().get(item.schema()).unpacked();
    Set<String> present =
        wanted.stream().filter(name -> schema.field(name).isPresent()).collect(Collectors.toSet());
    SlotCells cells = new SlotCells(item.home(store), item.range(), schema, present, allocator);
    counts.fetched(cells.requests(), cells.bytes());
    return new ItemCursor(item, cells, 0);
  }

  private ColumnarBatch batch(VectorSchemaRoot cell, ItemCursor at) {
    ColumnVector[] columns =
        Arrays.stream(readSchema.fields())
            .map(field -> column(field, cell, at))
            .toArray(ColumnVector[]::new);
    return new ColumnarBatch(columns, cell.getRowCount());
  }

  private static ColumnVector column(StructField field, VectorSchemaRoot cell, ItemCursor at) {
    FieldVector stored = cell.getVector(field.name());
    if (stored != null) {
      return CellColumns.of(stored, field.dataType());
    }
    ConstantColumnVector constant = new ConstantColumnVector(cell.getRowCount(), field.dataType());
    switch (field.name()) {
      case MetadataColumns.STEP -> constant.setLong(at.step());
      case MetadataColumns.SLOT -> constant.setInt(at.item().firstSlot() + at.slotOffset());
      case MetadataColumns.VERSION -> constant.setLong(at.item().version());
      case MetadataColumns.COMMITTED ->
          constant.setLong(Math.multiplyExact(at.item().committed(), 1_000L));
      case MetadataColumns.PRODUCER ->
          constant.setUtf8String(UTF8String.fromString(at.item().producer()));
      // A column that was added to the schema later.
      default -> constant.setNull();
    }
    return constant;
  }

  private void release() {
    rows.ifPresent(VectorSchemaRoot::close);
    rows = Optional.empty();
    batch = Optional.empty();
  }

  private void closeItem() {
    cursor.ifPresent(open -> open.cells().close());
    cursor = Optional.empty();
  }
}
