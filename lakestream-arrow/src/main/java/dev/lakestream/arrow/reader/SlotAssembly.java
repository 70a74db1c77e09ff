// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.CellDecoder;
import dev.lakestream.arrow.bundle.CellReader;
import dev.lakestream.arrow.bundle.CellWindow;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.arrow.sequence.SequenceCutter;
import dev.lakestream.schema.Field;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * How the cells of a slot's pieces become its micro-batch.
 *
 * @param delivered columns of the result, with sizes as the rank gets them
 * @param schema of the result
 * @param first reads the first piece: all that is wanted, and what is needed to cut
 * @param others reads the other pieces: what is cut
 * @param deliversCells whether a cell is what is wanted, as a rule: then it is handed on as it is
 */
record SlotAssembly(
    SequenceCutter cutter,
    List<Field> delivered,
    Schema schema,
    CellReader first,
    CellReader others,
    boolean deliversCells,
    BufferAllocator allocator) {
  static SlotAssembly of(
      SequenceCutter cutter,
      List<Field> delivered,
      CellReader first,
      CellReader others,
      BufferAllocator allocator) {
    Schema schema = new Schema(delivered.stream().map(ArrowSchemas::toArrow).toList());
    boolean deliversCells = cutter.isIdentity() && first.schema().equals(schema);
    return new SlotAssembly(cutter, delivered, schema, first, others, deliversCells, allocator);
  }

  /** The pieces that are read, ascending. */
  List<Integer> pieces() {
    return cutter.piecesNeeded();
  }

  /** What decodes the cells of the piece at this index among those that are read. */
  CellDecoder decoder(int index) {
    return (index == 0 ? first : others).arrow();
  }

  /** The rows of a slot whose pieces are shown by these windows. */
  AssembledRows rows(List<CellWindow> pieces) {
    return new AssembledRows(this, pieces);
  }
}
