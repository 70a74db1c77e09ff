// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of a file, at any position. Not thread-safe. */
interface Content {
  /** How many they are. */
  long length();

  /**
   * Copies bytes to fill the target.
   *
   * @param position of the first; that of the last is below {@link #length()}
   */
  void read(long position, ByteBuffer target) throws IOException;

  /** Lets go of all memory. It may be read again, for the price of another fetch. */
  void release();

  /** Bytes that are in memory anyway. */
  static Content of(byte[] bytes) {
    return new Content() {
      @Override
      public long length() {
        return bytes.length;
      }

      @Override
      public void read(long position, ByteBuffer target) {
        target.put(bytes, (int) position, target.remaining());
      }

      @Override
      public void release() {}
    };
  }
}
