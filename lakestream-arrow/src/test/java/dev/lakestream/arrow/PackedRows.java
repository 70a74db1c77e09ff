// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.schema.StreamSchema;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.impl.UnionFixedSizeListWriter;
import org.apache.arrow.vector.complex.impl.UnionListWriter;

/** Rows of {@link Schemas#packed}. */
public final class PackedRows {
  private PackedRows() {}

  /** Rows of one document each; the values tell row and position. */
  public static VectorSchemaRoot rows(
      BufferAllocator allocator, StreamSchema schema, int length, int rows, int seed) {
    return rows(allocator, schema, Collections.nCopies(rows, List.of(0, length)), seed);
  }

  /** A row for each list of bounds of documents. */
  public static VectorSchemaRoot rows(
      BufferAllocator allocator, StreamSchema schema, List<List<Integer>> bounds, int seed) {
    VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.toArrow(schema), allocator);
    root.allocateNew();
    UnionListWriter tokens = ((ListVector) root.getVector("tokens")).getWriter();
    UnionFixedSizeListWriter positions =
        ((FixedSizeListVector) root.getVector("positions")).getWriter();
    UnionListWriter documents = ((ListVector) root.getVector("documents")).getWriter();
    VarCharVector label = (VarCharVector) root.getVector("label");
    for (int row = 0; row < bounds.size(); row++) {
      List<Integer> bound = bounds.get(row);
      int length = bound.get(bound.size() - 1);
      tokens.setPosition(row);
      tokens.startList();
      positions.setPosition(row);
      positions.startList();
      for (int position = 0; position < length; position++) {
        tokens.integer().writeInt(seed * 1_000_000 + row * 1000 + position);
        positions.bigInt().writeBigInt(position);
      }
      tokens.endList();
      positions.endList();
      documents.setPosition(row);
      documents.startList();
      bound.forEach(start -> documents.integer().writeInt(start));
      documents.endList();
      label.setSafe(row, ("row " + row).getBytes(StandardCharsets.UTF_8));
    }
    root.setRowCount(bounds.size());
    return root;
  }
}
