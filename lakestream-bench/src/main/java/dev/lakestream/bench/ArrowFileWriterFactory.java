// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;

/** Goes to the executors. */
record ArrowFileWriterFactory(ArrowFileOptions options) implements DataWriterFactory {
  private static final long serialVersionUID = 1L;

  @Override
  public DataWriter<InternalRow> createWriter(int partition, long task) {
    try {
      return new ArrowFileWriter(options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
