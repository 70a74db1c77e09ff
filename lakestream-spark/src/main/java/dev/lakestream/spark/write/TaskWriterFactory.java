// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;

/** Goes to the executors. */
record TaskWriterFactory(WritePlan plan) implements DataWriterFactory {
  private static final long serialVersionUID = 1L;

  @Override
  public DataWriter<InternalRow> createWriter(int partition, long task) {
    return new TaskWriter(plan, partition, task);
  }
}
