// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;

/**
 * Checks the messages of an Arrow file or stream before Arrow's own reader sees them, which takes
 * memory for whatever length a message claims: every length and offset lies inside of the file, and
 * the file is whole. Pure.
 */
final class ArrowEnvelope {
  private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);
  private static final int CONTINUATION = -1;
  private static final int PREFIX_BYTES = 8;

  /** How the messages of a file are found. */
  enum Kind {
    /** By a footer. */
    FILE,
    /** One after the other. */
    STREAM
  }

  private final ByteBuffer bytes;

  private ArrowEnvelope(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /**
   * Checks a file.
   *
   * @param where what to call it in errors
   * @throws InvalidRequestException if it is torn, or no Arrow at all
   */
  static Kind check(String where, ByteBuffer file) {
    ArrowEnvelope envelope = new ArrowEnvelope(file.slice().order(ByteOrder.LITTLE_ENDIAN));
    try {
      if (envelope.hasMagic(0)) {
        envelope.checkFile();
        return Kind.FILE;
      }
      envelope.checkStream();
      return Kind.STREAM;
    } catch (ArrowDamage | IndexOutOfBoundsException e) {
      throw new InvalidRequestException(
          where + " is no whole Arrow file or stream: " + e.getMessage(), e);
    }
  }

  private boolean hasMagic(int at) {
    return at >= 0
        && at + MAGIC.length <= bytes.limit()
        && bytes.slice(at, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
  }

  private void checkFile() {
    int lengthAt = bytes.limit() - MAGIC.length - Integer.BYTES;
    if (lengthAt < PREFIX_BYTES || !hasMagic(lengthAt + Integer.BYTES)) {
      throw new ArrowDamage("it begins as an Arrow file and does not end as one: it is truncated");
    }
    int length = bytes.getInt(lengthAt);
    if (length <= 0 || length > lengthAt - PREFIX_BYTES) {
      throw new ArrowDamage("its footer of " + length + " bytes does not fit");
    }
    int footerAt = lengthAt - length;
    Footer footer = Footer.getRootAsFooter(part(footerAt, length));
    checkSchema(Optional.ofNullable(footer.schema()));
    if (footer.dictionariesLength() > 0) {
      throw new ArrowDamage("it has dictionaries: write the values themselves");
    }
    Block block = new Block();
    for (int index = 0; index < footer.recordBatchesLength(); index++) {
      checkBlock(footer.recordBatches(block, index), footerAt);
    }
  }

  private void checkBlock(Block block, int end) {
    long offset = block.offset();
    long metadata = block.metaDataLength();
    long body = block.bodyLength();
    if (offset < PREFIX_BYTES
        || metadata < PREFIX_BYTES
        || body < 0
        || metadata > end - offset
        || body > end - offset - metadata) {
      throw new ArrowDamage("its footer names a record batch that is not inside of it");
    }
    int at = (int) offset;
    boolean legacy = bytes.getInt(at) != CONTINUATION;
    int prefix = legacy ? Integer.BYTES : PREFIX_BYTES;
    checkBatch(message(at + prefix, (int) metadata - prefix), body);
  }

  private void checkStream() {
    int at = 0;
    boolean schema = false;
    while (true) {
      if (bytes.limit() - at < PREFIX_BYTES || bytes.getInt(at) != CONTINUATION) {
        throw new ArrowDamage(
            at == 0 ? "it begins as neither does" : "it ends without an end-of-stream marker");
      }
      int metadata = bytes.getInt(at + Integer.BYTES);
      at += PREFIX_BYTES;
      if (metadata == 0) {
        break;
      }
      if (metadata < 0 || metadata > bytes.limit() - at) {
        throw new ArrowDamage("a message of " + metadata + " bytes does not fit: it is truncated");
      }
      Message message = message(at, metadata);
      at += metadata;
      long body = message.bodyLength();
      if (body < 0 || body > bytes.limit() - at) {
        throw new ArrowDamage("a body of " + body + " bytes does not fit: it is truncated");
      }
      schema = checkMessage(message, body, schema);
      at += (int) body;
    }
    if (!schema || at != bytes.limit()) {
      throw new ArrowDamage(schema ? "something follows its end" : "it has no schema");
    }
  }

  private boolean checkMessage(Message message, long body, boolean schema) {
    boolean isSchema = message.headerType() == MessageHeader.Schema;
    if (isSchema == schema) {
      throw new ArrowDamage(
          schema ? "it has two schemas" : "its first message is not that of the schema");
    }
    if (isSchema) {
      checkSchema(Optional.ofNullable((Schema) message.header(new Schema())));
    } else {
      checkBatch(message, body);
    }
    return true;
  }

  /** Offsets may lead in circles, and Arrow follows them. */
  private static void checkSchema(Optional<Schema> schema) {
    Schema found = schema.orElseThrow(() -> new ArrowDamage("it has no schema"));
    int fields = 0;
    for (int index = 0; index < found.fieldsLength(); index++) {
      fields = countFields(found.fields(index), fields, 0);
    }
  }

  private static int countFields(Field field, int before, int depth) {
    int fields = before + 1;
    if (fields > Limits.FIELDS || depth > Limits.TYPE_NESTING) {
      throw new ArrowDamage("its schema has too many fields, or nests too deep");
    }
    if (field.dictionary() != null) {
      throw new ArrowDamage(
          "column '" + field.name() + "' is dictionary-encoded: write the values themselves");
    }
    for (int index = 0; index < field.childrenLength(); index++) {
      fields = countFields(field.children(index), fields, depth + 1);
    }
    return fields;
  }

  private Message message(int at, int length) {
    return Message.getRootAsMessage(part(at, length));
  }

  private void checkBatch(Message message, long body) {
    if (message.headerType() == MessageHeader.DictionaryBatch) {
      throw new ArrowDamage("it has dictionaries: write the values themselves");
    }
    RecordBatch batch = new RecordBatch();
    if (message.headerType() != MessageHeader.RecordBatch || message.header(batch) == null) {
      throw new ArrowDamage("one of its messages is no record batch");
    }
    if (batch.compression() != null) {
      throw new ArrowDamage("it is compressed: write it without compression");
    }
    if (message.bodyLength() != body) {
      throw new ArrowDamage("a record batch and the footer differ in its length");
    }
    requireCount(batch.length());
    FieldNode node = new FieldNode();
    for (int index = 0; index < batch.nodesLength(); index++) {
      batch.nodes(node, index);
      requireCount(node.length());
      if (node.nullCount() < 0 || node.nullCount() > node.length()) {
        throw new ArrowDamage("a column has " + node.nullCount() + " nulls");
      }
    }
    Buffer buffer = new Buffer();
    for (int index = 0; index < batch.buffersLength(); index++) {
      batch.buffers(buffer, index);
      if (buffer.offset() < 0
          || buffer.length() < 0
          || buffer.length() > body
          || buffer.offset() > body - buffer.length()) {
        throw new ArrowDamage("a buffer is outside of its record batch");
      }
    }
  }

  private static void requireCount(long count) {
    if (count < 0 || count > Integer.MAX_VALUE) {
      throw new ArrowDamage("a column has " + count + " values");
    }
  }

  private ByteBuffer part(int at, int length) {
    return bytes.slice(at, length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
