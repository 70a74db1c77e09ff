// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.UnsupportedFeatureException;
import dev.lakestream.schema.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Turns cells into vectors whose buffers are slices of the cell: nothing is copied, and the cell's
 * memory lives as long as a vector uses it. Those of a compressed cell are expanded into memory of
 * their own.
 *
 * <p>A cell is not trusted. What these vectors' own accessors touch has been checked before they
 * are handed out: lengths and null counts against the rows that the directory gives, buffers
 * against the cell, their sizes against types and lengths, offsets against their values. Nothing is
 * allocated by what a cell claims: a compressed buffer must claim what its values need. That
 * strings are UTF-8 is not checked.
 *
 * <p>Not thread-safe. The vectors outlive it.
 */
public final class CellDecoder implements AutoCloseable {
  private final List<CellColumn> columns;
  private final Schema schema;
  private final BufferAllocator allocator;
  private final CellMetadata metadata;
  private final CellBuffers buffers;
  private final ColumnWalk walk;
  private final NoNulls noNulls;

  /**
   * @param columns of the cells, all of them
   * @param wanted names of those to decode
   */
  public CellDecoder(List<Field> columns, Set<String> wanted, BufferAllocator allocator) {
    this.columns = CellColumn.of(columns, wanted);
    this.schema = CellColumn.schema(this.columns);
    this.allocator = allocator;
    this.metadata = CellColumn.metadata(this.columns);
    this.buffers = new CellBuffers(metadata, CellColumn.buffers(this.columns), allocator);
    this.walk = new ColumnWalk(metadata, buffers);
    this.noNulls = new NoNulls(allocator);
  }

  /** Decodes all columns. */
  public CellDecoder(List<Field> columns, BufferAllocator allocator) {
    this(columns, Set.copyOf(columns.stream().map(Field::name).toList()), allocator);
  }

  /** The wanted columns. */
  public Schema schema() {
    return schema;
  }

  /** All columns of the cells. */
  List<CellColumn> columns() {
    return columns;
  }

  /**
   * The wanted columns of a cell, in the order of its schema; the caller closes them.
   *
   * @param cell its bytes, exactly; stays the caller's
   * @param rows of it, by the directory
   * @param where key of the object and place of the cell in it, for errors
   * @throws CorruptObjectException if anything in the cell is not as it must be
   * @throws UnsupportedFeatureException if the cell is compressed in a way that is unknown here
   */
  public VectorSchemaRoot decode(ArrowBuf cell, int rows, CellPlace where) {
    try {
      metadata.read(cell.memoryAddress(), cell.capacity(), rows);
      return load(cell, rows);
    } catch (MalformedCellException | IndexOutOfBoundsException | UnsupportedCellException e) {
      throw refused(e, where);
    }
  }

  /** Why a cell cannot be decoded, as its reader is told. */
  static RuntimeException refused(RuntimeException why, CellPlace where) {
    if (why instanceof UnsupportedCellException) {
      return new UnsupportedFeatureException(where + ": " + why.getMessage());
    }
    // A broken rule has a message; that of the bounds of a buffer says nothing to who reads it.
    String message = why instanceof MalformedCellException ? why.getMessage() : null;
    return where.corrupt(
        message == null ? "its metadata refer to what is not there" : message, why);
  }

  private VectorSchemaRoot load(ArrowBuf cell, int rows) {
    List<FieldVector> vectors = new ArrayList<>();
    try {
      VectorLoader loader = new VectorLoader(buffers, cell, noNulls, allocator);
      buffers.begin(cell.memoryAddress());
      walk.begin();
      for (CellColumn column : columns) {
        if (column.wanted()) {
          FieldVector vector = column.arrow().createVector(allocator);
          vectors.add(vector);
          loader.begin(vector, column.node());
          walk.load(column.layout(), rows, loader);
        } else {
          walk.skip(column.layout(), rows);
        }
      }
    } catch (RuntimeException e) {
      vectors.forEach(FieldVector::close);
      throw e;
    } finally {
      buffers.clear();
    }
    return new VectorSchemaRoot(schema, vectors, rows);
  }

  @Override
  public void close() {
    buffers.close();
    noNulls.close();
  }
}
