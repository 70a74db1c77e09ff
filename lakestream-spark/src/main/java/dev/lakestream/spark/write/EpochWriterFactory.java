// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;

/**
 * Goes to the executors.
 *
 * @param committed the last epoch that is in the stream; the rows of it and of those before, which
 *     Spark may send again, are not even computed
 */
record EpochWriterFactory(WritePlan plan, long committed) implements StreamingDataWriterFactory {
  private static final long serialVersionUID = 1L;

  @Override
  public DataWriter<InternalRow> createWriter(int partition, long task, long epoch) {
    return epoch <= committed
        ? new NothingToWrite().createWriter(partition, task)
        : new TaskWriter(plan, partition, task);
  }
}
