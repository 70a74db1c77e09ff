// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.RunDirectory;
import java.io.IOException;
import org.apache.arrow.memory.ArrowBuf;

/** The run of one piece of one slot, open to read. */
interface Run extends AutoCloseable {
  RunDirectory directory();

  /** The bytes of a cell, unverified; the caller closes them. */
  ArrowBuf cell(int cell) throws IOException;

  @Override
  void close();
}
