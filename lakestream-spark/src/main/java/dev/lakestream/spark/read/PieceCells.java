// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.arrow.bundle.RunDirectory;
import java.io.IOException;
import org.apache.arrow.vector.VectorSchemaRoot;

/** The cells of one piece of a range of slots. Not thread-safe. */
interface PieceCells extends AutoCloseable {
  /** The directory of a slot's run, checked. */
  RunDirectory directory(int slot) throws IOException;

  /** The wanted columns of a cell, verified; the caller closes them before this. */
  VectorSchemaRoot rows(int slot, int bundleStep) throws IOException;

  /** How many requests it took so far. */
  int requests();

  /** How many bytes they brought. */
  long bytes();

  @Override
  void close();
}
