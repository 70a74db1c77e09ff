// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.parquet.MalformedParquetException;
import dev.lakestream.arrow.parquet.ParquetCellDecoder;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.schema.Field;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Turns cells of bundles of any format into vectors. Those of an Arrow cell point into it, those of
 * a Parquet cell have memory of their own.
 *
 * <p>Not thread-safe. The vectors outlive it.
 */
public final class CellReader implements AutoCloseable {
  private static final long FOOTER_GUESS = 4 << 10;

  private final List<Field> columns;
  private final Set<String> wanted;
  private final BufferAllocator allocator;
  private final CellDecoder arrow;
  private Optional<ParquetCellDecoder> parquet = Optional.empty();
  private long footerGuess = FOOTER_GUESS;

  /**
   * @param columns of the cells, all of them
   * @param wanted names of those to decode
   */
  public CellReader(List<Field> columns, Set<String> wanted, BufferAllocator allocator) {
    this.columns = List.copyOf(columns);
    this.wanted = Set.copyOf(wanted);
    this.allocator = allocator;
    this.arrow = new CellDecoder(columns, wanted, allocator);
  }

  /** The wanted columns. */
  public Schema schema() {
    return arrow.schema();
  }

  /** The decoder of Arrow cells. */
  public CellDecoder arrow() {
    return arrow;
  }

  /**
   * The wanted columns of a cell whose checksum was compared, in the order of its schema; the
   * caller closes them.
   *
   * @param cell its bytes, exactly; stays the caller's
   * @param rows of it, by the directory
   * @param where key of the object and place of the cell in it, for errors
   * @throws CorruptObjectException if anything in the cell is not as it must be
   */
  public VectorSchemaRoot read(BundleFormat format, ArrowBuf cell, int rows, CellPlace where) {
    if (format == BundleFormat.ARROW) {
      return arrow.decode(cell, rows, where);
    }
    try {
      return parquet().decode(cell, rows);
    } catch (MalformedParquetException | IndexOutOfBoundsException e) {
      throw where.corrupt(e.getMessage() == null ? e.toString() : e.getMessage(), e);
    }
  }

  /**
   * The wanted columns of a cell of a Parquet bundle, of which only its footer and their chunks are
   * fetched; the caller closes them. What is fetched is verified.
   *
   * @param directory of the run that the cell is in
   * @param cell its number there
   * @param source of ranges of the cell
   * @throws CorruptObjectException if anything in the cell is not as it must be
   */
  public VectorSchemaRoot readColumns(
      RunDirectory directory, int cell, ParquetCellDecoder.CellSource source, CellPlace where)
      throws IOException {
    long length = directory.cellLength(cell);
    try (ArrowBuf footer = footer(length, source)) {
      CRC32C crc = new CRC32C();
      crc.update(footer.nioBuffer(0, (int) footer.capacity()));
      if ((int) crc.getValue() != directory.footerCrc32c(cell)) {
        throw where.corrupt(
            String.format(
                "the CRC32C of its footer is %08x, its directory says %08x",
                crc.getValue(), directory.footerCrc32c(cell)));
      }
      return parquet().decode(footer, length, directory.rows(cell), source);
    } catch (MalformedParquetException | IndexOutOfBoundsException e) {
      throw where.corrupt(e.getMessage() == null ? e.toString() : e.getMessage(), e);
    }
  }

  /** The footer of a cell with its length and the magic, in a request or two. */
  private ArrowBuf footer(long cellLength, ParquetCellDecoder.CellSource source)
      throws IOException {
    long guess = Math.min(cellLength, footerGuess);
    try (ArrowBuf tail = source.read(cellLength - guess, guess)) {
      long wanted = ParquetCellDecoder.footerBytes(tail, cellLength);
      footerGuess = Math.max(footerGuess, wanted);
      if (wanted > guess) {
        return source.read(cellLength - wanted, wanted);
      }
      ArrowBuf footer = tail.slice(guess - wanted, wanted);
      footer.getReferenceManager().retain();
      return footer;
    }
  }

  private ParquetCellDecoder parquet() {
    if (parquet.isEmpty()) {
      parquet = Optional.of(new ParquetCellDecoder(columns, wanted, allocator));
    }
    return parquet.get();
  }

  @Override
  public void close() {
    arrow.close();
  }
}
