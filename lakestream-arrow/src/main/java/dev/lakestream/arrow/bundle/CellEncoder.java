// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.BodyCompressionMethod;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Turns vectors into cells without copying their values, unless they are compressed. Arrow's own
 * serializer aligns buffers to 8, cells need 64.
 *
 * <p>Not thread-safe.
 */
public final class CellEncoder implements CellEncoding {
  private static final int PREFIX_BYTES = 8;
  private static final int CONTINUATION = -1;

  private final List<ColumnLayout> layouts;
  private final BufferAllocator allocator;
  private final CellCompression compression;
  private final BufferCompressor compressor;
  private final FlatBufferBuilder builder = new FlatBufferBuilder(1024);

  /**
   * @param columns of the cells
   * @param allocator for metadata and for offsets that have to be moved
   */
  public CellEncoder(List<Field> columns, BufferAllocator allocator) {
    this(columns, CellCompression.NONE, allocator);
  }

  /**
   * @param columns of the cells
   * @param compression of their buffers
   * @param allocator for metadata, for offsets that have to be moved, and for what is compressed
   */
  public CellEncoder(List<Field> columns, CellCompression compression, BufferAllocator allocator) {
    this.layouts = columns.stream().map(ColumnLayout::of).toList();
    this.allocator = allocator;
    this.compression = compression;
    this.compressor = new BufferCompressor(compression, allocator);
  }

  /** The rows of a root, whose columns are those of the cells. */
  public EncodedCell encode(VectorSchemaRoot root) {
    return encode(root.getFieldVectors(), root.getRowCount());
  }

  /**
   * Vectors of so many rows as a cell. It shares their buffers: they may be closed, but must not be
   * written to before the cell is closed.
   *
   * @throws InvalidRequestException if a column that is not nullable has nulls
   */
  @Override
  public EncodedCell encode(List<FieldVector> vectors, int rows) {
    if (vectors.size() != layouts.size()) {
      throw new InvalidRequestException(
          vectors.size() + " columns are given, " + layouts.size() + " are wanted");
    }
    BodyCollector body = new BodyCollector(allocator);
    try {
      for (int column = 0; column < layouts.size(); column++) {
        body.add(layouts.get(column), vectors.get(column), rows);
      }
      List<ArrowBuf> buffers = compressor.compress(body.takeBuffers());
      try {
        return new EncodedCell(message(body.nodes(), buffers, rows), buffers, rows);
      } catch (RuntimeException e) {
        buffers.forEach(ArrowBuf::close);
        throw e;
      }
    } finally {
      body.close();
    }
  }

  /** The message before the body: padded, so that the body begins at a multiple of 64. */
  private ArrowBuf message(List<BodyCollector.Node> nodesOfBody, List<ArrowBuf> buffers, int rows) {
    builder.clear();
    int nodes = nodes(nodesOfBody);
    int locations = locations(buffers);
    int body = compression == CellCompression.NONE ? 0 : bodyCompression();
    RecordBatch.startRecordBatch(builder);
    RecordBatch.addLength(builder, rows);
    RecordBatch.addNodes(builder, nodes);
    RecordBatch.addBuffers(builder, locations);
    if (compression != CellCompression.NONE) {
      RecordBatch.addCompression(builder, body);
    }
    int batch = RecordBatch.endRecordBatch(builder);
    Message.finishMessageBuffer(
        builder,
        Message.createMessage(
            builder, MetadataVersion.V5, MessageHeader.RecordBatch, batch, bodyLength(buffers), 0));
    ByteBuffer metadata = builder.dataBuffer();
    int padded = (int) Alignment.roundUp(PREFIX_BYTES + metadata.remaining());
    ArrowBuf message = allocator.buffer(padded).slice(0, padded);
    message.setZero(0, padded);
    message.setInt(0, CONTINUATION);
    message.setInt(Integer.BYTES, padded - PREFIX_BYTES);
    message.setBytes(PREFIX_BYTES, metadata);
    return message;
  }

  private int bodyCompression() {
    return BodyCompression.createBodyCompression(
        builder, compression.codec(), BodyCompressionMethod.BUFFER);
  }

  private int nodes(List<BodyCollector.Node> nodes) {
    RecordBatch.startNodesVector(builder, nodes.size());
    for (int node = nodes.size() - 1; node >= 0; node--) {
      FieldNode.createFieldNode(builder, nodes.get(node).length(), nodes.get(node).nulls());
    }
    return builder.endVector();
  }

  private int locations(List<ArrowBuf> buffers) {
    List<Long> offsets = new ArrayList<>(buffers.size());
    long offset = 0;
    for (ArrowBuf buffer : buffers) {
      offsets.add(offset);
      offset += Alignment.roundUp(buffer.capacity());
    }
    RecordBatch.startBuffersVector(builder, buffers.size());
    for (int buffer = buffers.size() - 1; buffer >= 0; buffer--) {
      Buffer.createBuffer(builder, offsets.get(buffer), buffers.get(buffer).capacity());
    }
    return builder.endVector();
  }

  private static long bodyLength(List<ArrowBuf> buffers) {
    return buffers.stream().mapToLong(buffer -> Alignment.roundUp(buffer.capacity())).sum();
  }
}
