// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.spark.metric.BytesUploaded;
import dev.lakestream.spark.metric.RowsWritten;
import dev.lakestream.spark.metric.UploadTime;
import dev.lakestream.spark.metric.WriteMetrics;
import dev.lakestream.spark.vector.BadRowException;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
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

  private final int partition;
  private final ObjectStore store;
  private final BufferAllocator allocator;
  private final TaskCells cells;
  private final SlotCut cut;
  private UploadMeter told = UploadMeter.NOTHING;
  private long rows;

  TaskWriter(WritePlan plan, int partition, long task) {
    this.partition = partition;
    this.store = plan.address().open();
    this.allocator =
        ArrowUtils.rootAllocator().newChildAllocator("lakestream task " + task, 0, Long.MAX_VALUE);
    this.cells = new TaskCells(plan, store, allocator);
    this.cut = SlotCut.of(plan, partition, cells);
  }

  @Override
  public void write(InternalRow row) throws IOException {
    try {
      cut.before(row);
      cells.append(row);
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
    cut.after();
  }

  @Override
  public WriterCommitMessage commit() throws IOException {
    TaskReceipt receipt = cut.finish();
    return TaskMessage.of(receipt.with(cells.packer().uploaded().minus(told)));
  }

  /** What Spark's UI shows of this task; asked for while it runs, and before it commits. */
  @Override
  public CustomTaskMetric[] currentMetricsValues() {
    told = cells.packer().uploaded();
    return new CustomTaskMetric[] {
      WriteMetrics.value(RowsWritten.NAME, rows),
      WriteMetrics.value(BytesUploaded.NAME, told.bytes()),
      WriteMetrics.value(UploadTime.NAME, TimeUnit.NANOSECONDS.toMillis(told.nanos()))
    };
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
      cells.packer().close();
      for (ObjectKey key : cells.packer().keys()) {
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
        allocator) {
      cells.close();
    }
  }
}
