// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.schema.Field;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.parquet.format.ColumnMetaData;

/**
 * Turns cells that are Parquet files into vectors of their own memory.
 *
 * <p>A cell is not trusted: whatever its bytes are, what comes out are vectors that fit the schema
 * and the rows, or a {@link MalformedParquetException}; and its values take no more than {@link
 * #MAX_EXPANDED_BYTES}. That strings are UTF-8 is not checked.
 *
 * <p>Not thread-safe. The vectors outlive it.
 */
public final class ParquetCellDecoder {
  /** What the values of one cell may take, however few bytes they are stored in. */
  public static final long MAX_EXPANDED_BYTES = 1L << 32;

  private final ParquetColumns columns;
  private final List<org.apache.arrow.vector.types.pojo.Field> fields;
  private final boolean[] wanted;
  private final Schema schema;
  private final BufferAllocator allocator;

  /**
   * @param columns of the cells, all of them
   * @param wanted names of those to decode
   */
  public ParquetCellDecoder(List<Field> columns, Set<String> wanted, BufferAllocator allocator) {
    this.columns = ParquetColumns.of(columns);
    this.fields = columns.stream().map(ArrowSchemas::toArrow).toList();
    this.wanted = new boolean[columns.size()];
    for (int column = 0; column < columns.size(); column++) {
      this.wanted[column] = wanted.contains(columns.get(column).name());
    }
    this.schema =
        new Schema(
            IntStream.range(0, columns.size())
                .filter(column -> this.wanted[column])
                .mapToObj(fields::get)
                .toList());
    this.allocator = allocator;
  }

  /**
   * The wanted columns of a cell, in the order of its schema; the caller closes them.
   *
   * @param cell its bytes, exactly, whose checksum was compared; stays the caller's
   * @param rows of it, by the directory
   * @throws MalformedParquetException if anything in the cell is not as it must be
   */
  public VectorSchemaRoot decode(ArrowBuf cell, int rows) {
    ParquetCellFooter footer = ParquetCellFooter.read(columns, cell, rows);
    return decode(
        footer, rows, chunk -> new ChunkPages(cell.slice(chunk.start(), chunk.length()), false));
  }

  /**
   * The wanted columns of a cell of which nothing else is fetched; the caller closes them.
   *
   * @param footer its end, of {@link #footerBytes} bytes, whose checksum was compared
   * @param cellLength bytes of the cell
   * @param source where the rest of it comes from; its pages are verified
   * @throws MalformedParquetException if anything in the cell is not as it must be
   */
  public VectorSchemaRoot decode(ArrowBuf footer, long cellLength, int rows, CellSource source)
      throws IOException {
    ParquetCellFooter read = ParquetCellFooter.read(columns, footer, cellLength, rows);
    try (ChunkRanges ranges = new ChunkRanges(source)) {
      if (rows > 0) {
        ranges.fetch(wantedChunks(read));
      }
      return decode(read, rows, chunk -> new ChunkPages(ranges.bytes(chunk), true));
    }
  }

  /** How many bytes at the end of a cell its footer takes, with its length and the magic. */
  public static long footerBytes(ArrowBuf tail, long cellLength) {
    return ParquetCellFooter.length(tail, cellLength) + ParquetMetadata.TAIL_BYTES;
  }

  private List<ParquetCellFooter.Chunk> wantedChunks(ParquetCellFooter footer) {
    return IntStream.range(0, columns.leaves().size())
        .filter(leaf -> wanted[columns.leaves().get(leaf).column()])
        .mapToObj(footer::chunk)
        .toList();
  }

  /** Where the bytes of a cell are. */
  @FunctionalInterface
  public interface CellSource {
    /** A range of the cell; the caller closes it. */
    ArrowBuf read(long offset, long length) throws IOException;
  }

  /** Where the bytes of a chunk come from. */
  interface Chunks {
    ChunkPages pages(ParquetCellFooter.Chunk chunk);
  }

  private VectorSchemaRoot decode(ParquetCellFooter footer, int rows, Chunks chunks) {
    Claims claims = new Claims(MAX_EXPANDED_BYTES);
    List<FieldVector> vectors = new ArrayList<>();
    NodeVector[] nodes = new NodeVector[fields.size()];
    try {
      for (int number = 0; number < columns.leaves().size(); number++) {
        ParquetLeaf leaf = columns.leaves().get(number);
        if (wanted[leaf.column()]) {
          boolean fresh = nodes[leaf.column()] == null;
          if (fresh) {
            nodes[leaf.column()] =
                new NodeVector(leaf.nodes().get(0), leaf.type(), allocator, claims);
          }
          NodeVector column = Objects.requireNonNull(nodes[leaf.column()]);
          LeafAssembler assembler = new LeafAssembler(leaf, column, fresh, allocator, claims);
          if (rows > 0) {
            read(leaf, footer.chunk(number), chunks, assembler, claims);
          }
          if (assembler.rows() != rows) {
            throw new MalformedParquetException(
                "column '" + leaf.path() + "' has " + assembler.rows() + " of " + rows + " rows");
          }
        }
      }
      for (int column = 0; column < nodes.length; column++) {
        NodeVector node = nodes[column];
        if (node != null) {
          node.finish();
          FieldVector vector = fields.get(column).createVector(allocator);
          vectors.add(vector);
          node.load(vector);
        }
      }
      return new VectorSchemaRoot(schema, vectors, rows);
    } catch (RuntimeException e) {
      vectors.forEach(FieldVector::close);
      throw e;
    } finally {
      for (NodeVector node : nodes) {
        if (node != null) {
          node.close();
        }
      }
    }
  }

  private void read(
      ParquetLeaf leaf,
      ParquetCellFooter.Chunk chunk,
      Chunks source,
      LeafAssembler assembler,
      Claims claims) {
    ColumnMetaData metadata = chunk.metadata();
    PageCompression compression = PageCompression.of(metadata.getCodec());
    try {
      long levels = source.pages(chunk).read(leaf, compression, assembler, allocator, claims);
      if (levels != metadata.getNum_values()) {
        throw new MalformedParquetException(
            "its pages have " + levels + " values, its footer says " + metadata.getNum_values());
      }
    } catch (MalformedParquetException e) {
      throw new MalformedParquetException("column '" + leaf.path() + "': " + e.getMessage());
    }
  }
}
