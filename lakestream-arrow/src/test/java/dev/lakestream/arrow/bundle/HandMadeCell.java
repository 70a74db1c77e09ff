// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;

/**
 * A cell put together by hand, to be made wrong: of one nullable column l, a list of int32, with
 * the 2 rows [1, 2] and [3].
 */
final class HandMadeCell {
  /** The columns of the sound cell. */
  static final List<Field> COLUMNS =
      List.of(Field.nullable("l", new ColumnType.ListOf(Field.required("item", Simple.INT32))));

  private static final byte NOT_COMPRESSED = -1;

  long rows = 2;
  long[] nodes = {2, 0, 3, 0};
  long[] buffers = {0, 0, 0, 12, 64, 0, 64, 12};
  int[] offsets = {0, 2, 3};
  long bodyLength = 128;
  byte header = MessageHeader.RecordBatch;
  byte compression = NOT_COMPRESSED;

  byte[] build() {
    FlatBufferBuilder builder = new FlatBufferBuilder();
    RecordBatch.startNodesVector(builder, nodes.length / 2);
    for (int node = nodes.length - 2; node >= 0; node -= 2) {
      FieldNode.createFieldNode(builder, nodes[node], nodes[node + 1]);
    }
    int nodeVector = builder.endVector();
    RecordBatch.startBuffersVector(builder, buffers.length / 2);
    for (int buffer = buffers.length - 2; buffer >= 0; buffer -= 2) {
      Buffer.createBuffer(builder, buffers[buffer], buffers[buffer + 1]);
    }
    int bufferVector = builder.endVector();
    int body =
        compression == NOT_COMPRESSED
            ? 0
            : BodyCompression.createBodyCompression(builder, compression, (byte) 0);
    int batch = RecordBatch.createRecordBatch(builder, rows, nodeVector, bufferVector, body, 0);
    Message.finishMessageBuffer(
        builder, Message.createMessage(builder, MetadataVersion.V5, header, batch, bodyLength, 0));
    return assemble(builder.sizedByteArray());
  }

  private byte[] assemble(byte[] metadata) {
    int bodyStart = (int) Alignment.roundUp(8 + metadata.length);
    ByteBuffer cell = ByteBuffer.allocate(bodyStart + 128).order(ByteOrder.LITTLE_ENDIAN);
    cell.putInt(-1).putInt(bodyStart - 8).put(metadata);
    cell.position(bodyStart);
    Arrays.stream(offsets).forEach(cell::putInt);
    cell.position(bodyStart + 64);
    cell.putInt(1).putInt(2).putInt(3);
    return cell.array();
  }
}
