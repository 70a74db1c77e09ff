// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;

/**
 * Goes to the executors.
 *
 * @param committed the last epoch that is in the stream; the rows of it and of those before, which
 *     Spark may send again, go nowhere
 */
record EpochWriterFactory(WritePlan plan, long committed) implements StreamingDataWriterFactory {
  private static final long serialVersionUID = 1L;

  @Override
  public DataWriter<InternalRow> createWriter(int partition, long task, long epoch) {
    return epoch <= committed ? new Discarding() : new TaskWriter(plan, partition, task);
  }

  private static final class Discarding implements DataWriter<InternalRow> {
    @Override
    public void write(InternalRow row) {
      // It is in the stream.
    }

    @Override
    public WriterCommitMessage commit() {
      return new TaskReceipt(List.of(), List.of(), IpcRows.none());
    }

    @Override
    public void abort() {
      // There is nothing to undo.
    }

    @Override
    public void close() {
      // There is nothing open.
    }
  }
}
