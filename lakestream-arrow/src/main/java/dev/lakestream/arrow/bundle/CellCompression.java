// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import org.apache.arrow.flatbuf.CompressionType;

/** How the buffers of a cell's body are compressed, each by itself, as Arrow defines it. */
public enum CellCompression {
  /** Not at all: what is fetched is what a vector uses. */
  NONE((byte) -1),
  /** LZ4 frames. */
  LZ4(CompressionType.LZ4_FRAME),
  /** Zstandard frames. */
  ZSTD(CompressionType.ZSTD);

  private final byte codec;

  CellCompression(byte codec) {
    this.codec = codec;
  }

  /** Arrow's number of it; {@link #NONE} has none. */
  byte codec() {
    return codec;
  }

  /** That of Arrow's number. */
  static CellCompression of(byte codec) {
    for (CellCompression each : values()) {
      if (each != NONE && each.codec == codec) {
        return each;
      }
    }
    throw new UnsupportedCellException(
        "it is compressed by codec " + codec + ", which this client can't read");
  }
}
