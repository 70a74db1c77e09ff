// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.spark.vector.BadRowException;
import dev.lakestream.spark.vector.CellBuilder;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.util.ArrowUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt of a task. All its objects have names that no other attempt will ever use, so that
 * attempts can't disturb each other, whatever becomes of them.
 */
final class TaskWriter implements DataWriter<InternalRow> {
  private static final Logger LOG = LoggerFactory.getLogger(TaskWriter.class);

  private final WritePlan plan;
  private final int partition;
  private final ObjectStore store;
  private final BufferAllocator allocator;
  private final CellBuilder cell;
  private final StepPacker packer;
  private long rows;

  TaskWriter(WritePlan plan, int partition, long task) {
    this.plan = plan;
    this.partition = partition;
    this.store = plan.address().open();
    this.allocator =
        ArrowUtils.rootAllocator().newChildAllocator("lakestream task " + task, 0, Long.MAX_VALUE);
    this.cell =
        new CellBuilder(
            plan.fields(),
            plan.ordinals().stream().mapToInt(Integer::intValue).toArray(),
            allocator);
    this.packer = new StepPacker(plan, store, allocator);
  }

  @Override
  public void write(InternalRow row) throws IOException {
    if (cell.rows() == 0) {
      cell.begin(plan.slotRows());
    }
    try {
      cell.append(row);
    } catch (BadRowException e) {
      throw new InvalidRequestException(
          "column '"
              + e.column()
              + "' in partition "
              + partition
              + ", row "
              + rows
              + ": "
              + e.getMessage());
    }
    rows++;
    if (cell.rows() == plan.slotRows()) {
      packer.add(cell.finish());
    }
  }

  @Override
  public WriterCommitMessage commit() throws IOException {
    if (cell.rows() == 0) {
      return packer.finish(IpcRows.none());
    }
    try (VectorSchemaRoot rest = cell.finish()) {
      return packer.finish(IpcRows.of(rest));
    }
  }

  /**
   * Removes what this attempt has uploaded. The driver never heard of it, so no commit can name it.
   * A process that dies before leaves its objects to vacuum.
   */
  @Override
  public void abort() {
    // Whoever is killed for being the slower of two is interrupted, and would fail to clean up.
    boolean interrupted = Thread.interrupted();
    try {
      packer.close();
      for (ObjectKey key : packer.keys()) {
        store.delete(key);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("an aborted task left objects behind, vacuum will remove them: {}", e.toString());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    try (store;
        allocator;
        cell) {
      packer.close();
    }
  }
}
