// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.StreamSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.ValueVectorUtility;
import org.apache.arrow.vector.util.VectorSchemaRootAppender;

/**
 * Reads the rows of a staged file, which is an Arrow file or an Arrow stream that somebody else
 * wrote, as one batch.
 *
 * <p>Nothing in it is trusted: {@link ArrowEnvelope} checks every length before memory is taken for
 * it, what may be allocated is bounded by the size of the file, and the vectors are validated down
 * to their offsets.
 */
final class StagedRows implements AutoCloseable {
  private static final long SPARE_BYTES = 64 << 20;
  private static final int EXPANSION = 8;

  private final StreamSchema schema;
  private final BufferAllocator allocator;
  private final List<BufferAllocator> bounded = new ArrayList<>();

  StagedRows(StreamSchema schema, BufferAllocator allocator) {
    this.schema = schema;
    this.allocator = allocator;
  }

  /** Somebody who uses rows while they are there. */
  @FunctionalInterface
  interface Use {
    void accept(VectorSchemaRoot rows) throws IOException;
  }

  /**
   * Reads a file, and lets somebody use its rows. Who wants them for longer retains their buffers
   * until this reader is closed.
   *
   * @param where what to call the file in errors
   * @throws InvalidRequestException if it is no such file, or its columns are not the stream's
   */
  void read(String where, ByteBuffer file, Use use) throws IOException {
    ArrowEnvelope.Kind kind = ArrowEnvelope.check(where, file);
    long limit = EXPANSION * (long) file.remaining() + SPARE_BYTES;
    BufferAllocator memory = allocator.newChildAllocator(where, 0, limit);
    bounded.add(memory);
    try (BufferChannel channel = new BufferChannel(file);
        ArrowReader reader =
            kind == ArrowEnvelope.Kind.FILE
                ? new ArrowFileReader(channel, memory)
                : new ArrowStreamReader(channel, memory)) {
      Schema found = reader.getVectorSchemaRoot().getSchema();
      requireFit(where, found);
      try (VectorSchemaRoot rows = VectorSchemaRoot.create(found, memory)) {
        load(where, reader, rows);
        use.accept(rows);
      }
    } catch (OutOfMemoryException e) {
      throw refused(where, "it claims more values than a file of its size can have", e);
    } catch (ArrowDamage e) {
      throw refused(where, String.valueOf(e.getMessage()), e);
    }
  }

  private void requireFit(String where, Schema found) {
    found.getFields().forEach(field -> requirePlain(where, field));
    Optional<String> problem = ArrowSchemas.problemOfFit(schema.fields(), found);
    if (problem.isPresent()) {
      throw refused(where, problem.get(), null);
    }
  }

  private static void requirePlain(String where, Field field) {
    if (field.getDictionary() != null) {
      throw refused(
          where, "column '" + field.getName() + "' is dictionary-encoded: write its values", null);
    }
    field.getChildren().forEach(child -> requirePlain(where, child));
  }

  /** Puts all batches into one. */
  private static void load(String where, ArrowReader reader, VectorSchemaRoot rows)
      throws IOException {
    boolean first = true;
    while (loadNext(reader)) {
      VectorSchemaRoot batch = reader.getVectorSchemaRoot();
      validate(batch);
      if (first) {
        // Shares the buffers: as a rule there is one batch, and nothing is copied.
        try (ArrowRecordBatch same = new VectorUnloader(batch).getRecordBatch()) {
          new VectorLoader(rows).load(same);
        }
      } else {
        requireRoom(where, rows.getRowCount(), batch.getRowCount());
        VectorSchemaRootAppender.append(false, rows, batch);
      }
      first = false;
    }
    if (first) {
      rows.allocateNew();
      rows.setRowCount(0);
    }
  }

  /** What Arrow's reader stumbles over is damage of the file, whatever exception it is. */
  private static boolean loadNext(ArrowReader reader) throws IOException {
    try {
      return reader.loadNextBatch();
    } catch (IllegalArgumentException
        | IllegalStateException
        | IndexOutOfBoundsException
        | UnsupportedOperationException e) {
      throw new ArrowDamage("a record batch is damaged: " + e.getMessage(), e);
    }
  }

  private static void validate(VectorSchemaRoot batch) {
    try {
      ValueVectorUtility.validateFull(batch);
    } catch (RuntimeException e) {
      throw new ArrowDamage("its values are damaged: " + e.getMessage(), e);
    }
  }

  private static void requireRoom(String where, int rows, int more) {
    if (rows > Integer.MAX_VALUE - more) {
      throw refused(where, "it has more rows than a slot can have", null);
    }
  }

  private static InvalidRequestException refused(
      String where, String what, @org.jspecify.annotations.Nullable Throwable cause) {
    InvalidRequestException refusal = new InvalidRequestException(where + ": " + what);
    if (cause != null) {
      refusal.initCause(cause);
    }
    return refusal;
  }

  @Override
  public void close() {
    bounded.forEach(BufferAllocator::close);
  }
}
