// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import com.google.flatbuffers.FlatBufferBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.ipc.message.ArrowFooter;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;

/** What makes runs an Arrow file: the bytes before the first and after the last. */
final class ArrowFileFrame implements BundleFrame {
  private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);
  private static final int START_BYTES = 8;
  private static final long END_OF_STREAM = 0xFFFFFFFFL;

  private final Schema schema;
  private final List<ArrowBlock> blocks = new ArrayList<>();

  ArrowFileFrame(Schema schema) {
    this.schema = schema;
  }

  /** Magic and schema, without padding. */
  @Override
  public ByteBuffer head() throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.write(MAGIC);
    content.write(new byte[START_BYTES - MAGIC.length]);
    MessageSerializer.serialize(new WriteChannel(Channels.newChannel(content)), schema);
    return ByteBuffer.wrap(content.toByteArray());
  }

  @Override
  public void addCell(long position, EncodedCell cell) {
    addCell(position, cell.metadataLength(), cell.length());
  }

  /** Notes a cell; cells come in the order of the file. */
  void addCell(long position, int metadataLength, long length) {
    blocks.add(new ArrowBlock(position, metadataLength, length - metadataLength));
  }

  /** End-of-stream marker, footer, its length and magic. */
  @Override
  public ByteBuffer tail() {
    FlatBufferBuilder builder = new FlatBufferBuilder(1024);
    builder.finish(new ArrowFooter(schema, List.of(), blocks).writeTo(builder));
    ByteBuffer footer = builder.dataBuffer();
    int length = footer.remaining();
    return ByteBuffer.allocate(Long.BYTES + length + Integer.BYTES + MAGIC.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(END_OF_STREAM)
        .put(footer)
        .putInt(length)
        .put(MAGIC)
        .rewind();
  }
}
