// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What makes runs one file of a format: the bytes before the first and after the last. */
interface BundleFrame {
  /** What the file begins with, without padding. */
  ByteBuffer head() throws IOException;

  /** Notes a cell that begins at a position; cells come in the order of the file. */
  void addCell(long position, EncodedCell cell);

  /** What the file ends with. */
  ByteBuffer tail();
}
