// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.io.IOException;
import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.WriterCommitMessage;

/**
 * For the tasks of a job, or an epoch, that was committed before: they don't even compute their
 * rows.
 */
record NothingToWrite() implements DataWriterFactory {
  private static final long serialVersionUID = 1L;

  @Override
  public DataWriter<InternalRow> createWriter(int partition, long task) {
    return new Idle();
  }

  private static final class Idle implements DataWriter<InternalRow> {
    @Override
    public void writeAll(Iterator<InternalRow> rows) {}

    @Override
    public void write(InternalRow row) {}

    @Override
    public WriterCommitMessage commit() throws IOException {
      return TaskMessage.of(TaskReceipt.none());
    }

    @Override
    public void abort() {}

    @Override
    public void close() {}
  }
}
