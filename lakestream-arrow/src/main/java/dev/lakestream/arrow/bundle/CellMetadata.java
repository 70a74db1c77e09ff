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
import org.apache.arrow.memory.ArrowBuf;

/**
 * The metadata of one cell's message, read straight from its bytes. Reused from cell to cell.
 *
 * <p>Flatbuffers have no verifier in Java. None is needed: the generated classes read through a
 * {@link ByteBuffer} that ends where the metadata do, so a hostile offset is an {@link
 * IndexOutOfBoundsException} at worst; they neither loop nor allocate; and the counts of nodes and
 * buffers must be those that the schema gives.
 */
final class CellMetadata {
  private static final int CONTINUATION = -1;
  private static final int PREFIX_BYTES = 8;

  private final Message message = new Message();
  private final RecordBatch batch = new RecordBatch();
  private final FieldNode node = new FieldNode();
  private final Buffer buffer = new Buffer();
  private final BodyCompression codec = new BodyCompression();
  private CellCompression compression = CellCompression.NONE;
  private ArrowBuf body;

  CellMetadata() {
    body = NO_BODY;
  }

  private static final ArrowBuf NO_BODY =
      new ArrowBuf(org.apache.arrow.memory.ReferenceManager.NO_OP, null, 0, 0);

  /** Reads the metadata of a cell and checks all that does not depend on single columns. */
  CellMetadata read(ArrowBuf cell, long rows, int nodes, int buffers) {
    if (cell.capacity() < PREFIX_BYTES || cell.getInt(0) != CONTINUATION) {
      throw new MalformedCellException("it is no encapsulated message");
    }
    long bodyStart = PREFIX_BYTES + (long) cell.getInt(Integer.BYTES);
    if (bodyStart < PREFIX_BYTES + Integer.BYTES
        || bodyStart > cell.capacity()
        || !Alignment.isAligned(bodyStart)) {
      throw new MalformedCellException(
          "its metadata of " + (bodyStart - PREFIX_BYTES) + " bytes do not fit");
    }
    ByteBuffer metadata = cell.nioBuffer(PREFIX_BYTES, (int) bodyStart - PREFIX_BYTES);
    readMessage(metadata.order(ByteOrder.LITTLE_ENDIAN));
    long bodyLength = message.bodyLength();
    if (bodyLength < 0 || bodyLength > cell.capacity() - bodyStart) {
      throw new MalformedCellException(
          "its body of "
              + bodyLength
              + " bytes exceeds the "
              + (cell.capacity() - bodyStart)
              + " of the cell");
    }
    body = cell.slice(bodyStart, bodyLength);
    checkBatch(rows, nodes, buffers);
    return this;
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

  private void checkBatch(long rows, int nodes, int buffers) {
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
        || length > body.capacity()
        || offset > body.capacity() - length
        || !Alignment.isAligned(offset)) {
      throw new MalformedCellException(
          "buffer "
              + index
              + " at "
              + offset
              + " of "
              + length
              + " bytes in a body of "
              + body.capacity());
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

  /** A buffer as a slice of the cell. */
  ArrowBuf buffer(int index) {
    batch.buffers(buffer, index);
    return body.slice(buffer.offset(), buffer.length());
  }
}
