// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.parquet.MalformedParquetException;
import dev.lakestream.arrow.parquet.ParquetCellDecoder;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.schema.Field;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
  private final List<Field> columns;
  private final Set<String> wanted;
  private final BufferAllocator allocator;
  private final CellDecoder arrow;
  private Optional<ParquetCellDecoder> parquet = Optional.empty();

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
