// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.Closeable;
import java.io.IOException;
import org.apache.spark.sql.catalyst.InternalRow;

/** Collects rows and writes them as record batches of an Arrow file. */
interface RowBatches extends Closeable {
  void append(InternalRow row);

  /** Rows that are not written yet. */
  int rows();

  /** Writes them. */
  void write() throws IOException;

  /** Ends the file. */
  void end() throws IOException;
}
