// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.schema.StreamSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What makes one cell a file by itself: the bytes before it and after it. A Parquet cell is one as
 * it is; what follows is of an Arrow cell. The cell's own bytes stay as they are, and begin at a
 * multiple of 64.
 *
 * <p>How long the file is follows from the length of the cell alone, so that it can be told without
 * a look at it. Immutable.
 */
public final class CellFile {
  private static final int MESSAGE_LENGTH_AT = 12;
  private static final int MESSAGE_AT = 16;

  private final Optional<Schema> schema;
  private final byte[] head;
  private final int tailLength;

  private CellFile(Optional<Schema> schema, byte[] head, int tailLength) {
    this.schema = schema;
    this.head = head;
    this.tailLength = tailLength;
  }

  /** Files of cells of bundles of a format, with this schema and so many pieces. */
  public static CellFile of(BundleFormat format, StreamSchema schema, int pieces)
      throws IOException {
    return switch (format) {
      case ARROW -> of(schema, pieces);
      case PARQUET -> new CellFile(Optional.empty(), new byte[0], 0);
    };
  }

  /** Files of cells of Arrow bundles with this schema and so many pieces. */
  public static CellFile of(StreamSchema schema, int pieces) throws IOException {
    Schema stored = ArrowSchemas.toArrow(ArrowSchemas.divided(schema, pieces));
    byte[] head = padded(new ArrowFileFrame(stored).head());
    ArrowFileFrame probe = new ArrowFileFrame(stored);
    probe.addCell(head.length, Alignment.BYTES, Alignment.BYTES);
    return new CellFile(Optional.of(stored), head, probe.tail().remaining());
  }

  /** The padding is a part of the message, so that what follows the magic is an Arrow stream. */
  private static byte[] padded(ByteBuffer content) {
    int length = content.remaining();
    byte[] head = new byte[(int) Alignment.roundUp(length)];
    content.get(head, 0, length);
    ByteBuffer.wrap(head)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(MESSAGE_LENGTH_AT, head.length - MESSAGE_AT);
    return head;
  }

  /** Magic and schema; where the cell begins is their length. */
  public byte[] head() {
    return Arrays.copyOf(head, head.length);
  }

  /** Where the cell begins. */
  public int cellStart() {
    return head.length;
  }

  /** Length of the file of a cell of so many bytes. */
  public long length(long cellLength) {
    return head.length + cellLength + tailLength;
  }

  /**
   * End-of-stream marker and footer; nothing of a Parquet cell.
   *
   * @param metadataLength of the cell's message, with its prefix
   * @param cellLength of the cell in all
   */
  public byte[] tail(int metadataLength, long cellLength) {
    if (schema.isEmpty()) {
      return new byte[0];
    }
    ArrowFileFrame frame = new ArrowFileFrame(schema.get());
    frame.addCell(head.length, metadataLength, cellLength);
    ByteBuffer tail = frame.tail();
    byte[] bytes = new byte[tail.remaining()];
    tail.get(bytes);
    return bytes;
  }
}
