// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.schema.ArrowSchemas;
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
  private final List<Column> columns;
  private final Schema schema;
  private final int nodes;
  private final int buffers;
  private final BufferAllocator allocator;
  private final CellMetadata metadata = new CellMetadata();
  private final NoNulls noNulls;

  private record Column(
      org.apache.arrow.vector.types.pojo.Field arrow, ColumnLayout layout, boolean wanted) {}

  /**
   * @param columns of the cells, all of them
   * @param wanted names of those to decode
   */
  public CellDecoder(List<Field> columns, Set<String> wanted, BufferAllocator allocator) {
    this.columns =
        columns.stream()
            .map(
                field ->
                    new Column(
                        ArrowSchemas.toArrow(field),
                        ColumnLayout.of(field),
                        wanted.contains(field.name())))
            .toList();
    this.schema =
        new Schema(this.columns.stream().filter(Column::wanted).map(Column::arrow).toList());
    this.nodes = this.columns.stream().mapToInt(column -> column.layout().nodes()).sum();
    this.buffers = this.columns.stream().mapToInt(column -> column.layout().buffers()).sum();
    this.allocator = allocator;
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
      return load(metadata.read(cell, rows, nodes, buffers), rows);
    } catch (MalformedCellException | IndexOutOfBoundsException e) {
      throw where.corrupt(e.getMessage() == null ? e.toString() : e.getMessage(), e);
    } catch (UnsupportedCellException e) {
      throw new UnsupportedFeatureException(where + ": " + e.getMessage());
    }
  }

  private VectorSchemaRoot load(CellMetadata batch, int rows) {
    List<FieldVector> vectors = new ArrayList<>();
    try (CellBuffers memory = new CellBuffers(batch, allocator)) {
      ColumnLoader loader = new ColumnLoader(batch, memory, noNulls, allocator);
      for (Column column : columns) {
        if (column.wanted()) {
          FieldVector vector = column.arrow().createVector(allocator);
          vectors.add(vector);
          loader.load(column.layout(), vector, rows);
        } else {
          loader.skip(column.layout(), rows);
        }
      }
    } catch (RuntimeException e) {
      vectors.forEach(FieldVector::close);
      throw e;
    }
    return new VectorSchemaRoot(schema, vectors, rows);
  }

  @Override
  public void close() {
    noNulls.close();
  }
}
