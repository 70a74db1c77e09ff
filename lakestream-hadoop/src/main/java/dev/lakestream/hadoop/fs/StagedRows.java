// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.arrow.bundle.CellDecoder;
import dev.lakestream.arrow.bundle.CellEncoder;
import dev.lakestream.arrow.bundle.CellPlace;
import dev.lakestream.arrow.bundle.EncodedCell;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
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
      Schema found = intact("its schema", () -> reader.getVectorSchemaRoot().getSchema());
      requireFit(where, found);
      try (VectorSchemaRoot rows = VectorSchemaRoot.create(found, memory)) {
        load(where, reader, rows);
        try (VectorSchemaRoot checked = intact("a value", () -> checked(where, rows, memory))) {
          use.accept(checked);
        }
      }
    } catch (OutOfMemoryException e) {
      throw new InvalidRequestException(
          where + ": it claims more values than a file of its size can have", e);
    } catch (ArrowDamage e) {
      throw new InvalidRequestException(where + ": " + e.getMessage(), e);
    }
  }

  private void requireFit(String where, Schema found) {
    Optional<String> problem = ArrowSchemas.problemOfFit(schema.fields(), found);
    if (problem.isPresent()) {
      throw refused(where, problem.get());
    }
  }

  /** Puts all batches into one. */
  private static void load(String where, ArrowReader reader, VectorSchemaRoot rows)
      throws IOException {
    boolean first = true;
    while (intact("a record batch", reader::loadNextBatch)) {
      VectorSchemaRoot batch = reader.getVectorSchemaRoot();
      intact("a value", () -> validate(batch));
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

  /** Something that Arrow does with bytes that may be anything. */
  @FunctionalInterface
  private interface Decoding<T> {
    T run() throws IOException;
  }

  /** What Arrow stumbles over is damage of the file, whatever exception it is. */
  private static <T> T intact(String what, Decoding<T> decoding) {
    try {
      return decoding.run();
    } catch (OutOfMemoryException e) {
      throw e;
    } catch (InvalidRequestException e) {
      throw new ArrowDamage(String.valueOf(e.getMessage()), e);
    } catch (IOException | RuntimeException e) {
      // All of it is in memory: there is no other reason to fail.
      throw new ArrowDamage(what + " is damaged: " + e.getMessage(), e);
    }
  }

  /**
   * The rows as a cell, read as cells are: Arrow's own validation lets offsets pass that lead out
   * of their values, ours does not.
   */
  private VectorSchemaRoot checked(String where, VectorSchemaRoot rows, BufferAllocator memory) {
    try (EncodedCell cell = new CellEncoder(schema.fields(), memory).encode(rows);
        ArrowBuf bytes = memory.buffer(cell.length());
        CellDecoder decoder = new CellDecoder(schema.fields(), memory)) {
      for (ByteBuffer part : cell.buffers()) {
        int length = part.remaining();
        bytes.setBytes(bytes.writerIndex(), part);
        bytes.writerIndex(bytes.writerIndex() + length);
      }
      CellPlace place = new CellPlace(ObjectKey.of(where), 0, 0, 0);
      return decoder.decode(bytes.slice(0, cell.length()), rows.getRowCount(), place);
    }
  }

  private static boolean validate(VectorSchemaRoot batch) {
    ValueVectorUtility.validateFull(batch);
    return true;
  }

  private static void requireRoom(String where, int rows, int more) {
    if (rows > Integer.MAX_VALUE - more) {
      throw refused(where, "it has more rows than a slot can have");
    }
  }

  private static InvalidRequestException refused(String where, String what) {
    return new InvalidRequestException(where + ": " + what);
  }

  @Override
  public void close() {
    bounded.forEach(BufferAllocator::close);
  }
}
