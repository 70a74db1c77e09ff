// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.BodyCompressionMethod;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * The metadata of one cell's message. Reused from cell to cell; reading allocates nothing, but for
 * metadata of unusual size.
 *
 * <p>Flatbuffers have no verifier in Java. None is needed: the generated classes read through a
 * {@link ByteBuffer} that ends where the metadata do, so a hostile offset is an {@link
 * IndexOutOfBoundsException} at worst; they neither loop nor allocate; and the counts of nodes and
 * buffers must be those that the schema gives.
 */
final class CellMetadata {
  private static final int CONTINUATION = -1;
  private static final int PREFIX_BYTES = 8;

  /** More than what the tables of a message take beside its nodes and buffers. */
  private static final int USUAL_BYTES = 1 << 10;

  private static final int STRUCT_BYTES = 16;

  private final Message message = new Message();
  private final RecordBatch batch = new RecordBatch();
  private final FieldNode node = new FieldNode();
  private final Buffer buffer = new Buffer();
  private final BodyCompression codec = new BodyCompression();
  private final int nodes;
  private final int buffers;
  private final byte[] copy;
  private final ByteBuffer copied;
  private CellCompression compression = CellCompression.NONE;
  private long body;
  private long bodyBytes;

  /**
   * @param nodes that the cells' schema gives
   * @param buffers that it gives
   */
  CellMetadata(int nodes, int buffers) {
    this.nodes = nodes;
    this.buffers = buffers;
    this.copy = new byte[USUAL_BYTES + STRUCT_BYTES * (nodes + buffers)];
    this.copied = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads the metadata of a cell and checks all that does not depend on single columns.
   *
   * @param address of the cell's first byte; its metadata are not read again
   * @param length of the cell
   */
  void read(long address, long length, long rows) {
    if (length < PREFIX_BYTES || MemoryUtil.getInt(address) != CONTINUATION) {
      throw new MalformedCellException("it is no encapsulated message");
    }
    long bodyStart = bodyStart(address);
    if (bodyStart < PREFIX_BYTES + Integer.BYTES
        || bodyStart > length
        || !Alignment.isAligned(bodyStart)) {
      throw new MalformedCellException(
          "its metadata of " + (bodyStart - PREFIX_BYTES) + " bytes do not fit");
    }
    readMessage(metadata(address + PREFIX_BYTES, (int) bodyStart - PREFIX_BYTES));
    body = address + bodyStart;
    bodyBytes = message.bodyLength();
    if (bodyBytes < 0 || bodyBytes > length - bodyStart) {
      throw new MalformedCellException(
          "its body of "
              + bodyBytes
              + " bytes exceeds the "
              + (length - bodyStart)
              + " of the cell");
    }
    checkBatch(rows);
  }

  /** Where the body begins, from the start of a cell of at least eight bytes, as it claims. */
  static long bodyStart(long address) {
    return PREFIX_BYTES + (long) MemoryUtil.getInt(address + Integer.BYTES);
  }

  private ByteBuffer metadata(long address, int length) {
    if (length > copy.length) {
      return MemoryUtil.directBuffer(address, length).order(ByteOrder.LITTLE_ENDIAN);
    }
    MemoryUtil.copyFromMemory(address, copy, 0, length);
    return copied.clear().limit(length);
  }

  private void readMessage(ByteBuffer metadata) {
    Message.getRootAsMessage(metadata, message);
    short version = message.version();
    if (version != MetadataVersion.V5 && version != MetadataVersion.V4) {
      throw new MalformedCellException("its metadata version is " + version);
    }
    if (message.headerType() != MessageHeader.RecordBatch || message.header(batch) == null) {
      throw new MalformedCellException("it is no record batch");
    }
  }

  private void checkBatch(long rows) {
    if (batch.length() != rows) {
      throw new MalformedCellException(
          "it has " + batch.length() + " rows, its directory says " + rows);
    }
    if (batch.nodesLength() != nodes || batch.buffersLength() != buffers) {
      throw new MalformedCellException(
          "it has "
              + batch.nodesLength()
              + " nodes and "
              + batch.buffersLength()
              + " buffers, its schema "
              + nodes
              + " and "
              + buffers);
    }
    for (int index = 0; index < buffers; index++) {
      checkBuffer(index);
    }
    compression = compressionOfBatch();
  }

  private CellCompression compressionOfBatch() {
    if (batch.compression(codec) == null) {
      return CellCompression.NONE;
    }
    if (codec.method() != BodyCompressionMethod.BUFFER) {
      throw new UnsupportedCellException(
          "it is compressed by method " + codec.method() + ", which this client can't read");
    }
    return CellCompression.of(codec.codec());
  }

  /** How its buffers are compressed. */
  CellCompression compression() {
    return compression;
  }

  private void checkBuffer(int index) {
    batch.buffers(buffer, index);
    long offset = buffer.offset();
    long length = buffer.length();
    if (offset < 0
        || length < 0
        || length > bodyBytes
        || offset > bodyBytes - length
        || !Alignment.isAligned(offset)) {
      throw new MalformedCellException(
          "buffer "
              + index
              + " at "
              + offset
              + " of "
              + length
              + " bytes in a body of "
              + bodyBytes);
    }
  }

  /** Values of a node; at most what a vector can have. */
  int length(int index) {
    long length = batch.nodes(node, index).length();
    if (length < 0 || length > Integer.MAX_VALUE) {
      throw new MalformedCellException("node " + index + " has " + length + " values");
    }
    return (int) length;
  }

  /** Nulls of a node; at most its values. */
  int nulls(int index) {
    int length = length(index);
    long nulls = node.nullCount();
    if (nulls < 0 || nulls > length) {
      throw new MalformedCellException(
          "node " + index + " has " + nulls + " nulls in " + length + " values");
    }
    return (int) nulls;
  }

  /** Where a buffer begins. */
  long address(int index) {
    return body + batch.buffers(buffer, index).offset();
  }

  /** Bytes of a buffer. */
  long bytes(int index) {
    return batch.buffers(buffer, index).length();
  }
}
