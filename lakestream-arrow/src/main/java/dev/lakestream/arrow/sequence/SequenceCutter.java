// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.sequence;

import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Cuts the sequence columns of slots: from C stored pieces (C = 1: whole rows) to the chunks that
 * somebody wants. Values are copied once, outside of the heap, and only where the wanted ones are
 * not just one stored piece.
 *
 * <p>Not thread-safe.
 */
public final class SequenceCutter {
  private final StreamSchema schema;
  private final int pieces;
  private final SequenceCut cut;
  private final BufferAllocator allocator;
  private final List<Integer> needed;

  /**
   * @param schema of the stream; only its {@code sequence} columns are cut, so one without wants
   *     one piece and no copy
   * @param pieces C of what is stored
   */
  public SequenceCutter(
      StreamSchema schema, int pieces, SequenceCut cut, BufferAllocator allocator) {
    this.schema = schema;
    this.pieces = pieces;
    this.cut = cut;
    this.allocator = allocator;
    this.needed =
        schema.sequence().isEmpty() ? List.of(0) : cut.piecesNeeded(pieces, schema.boundaries());
  }

  /** The stored pieces that are needed, ascending. */
  public List<Integer> piecesNeeded() {
    return needed;
  }

  /** Whether the one piece needed is the result. */
  public boolean isIdentity() {
    return schema.sequence().isEmpty() || (needed.size() == 1 && (pieces > 1 || cut.isWhole()));
  }

  /** The columns that say where documents begin, as far as cutting needs them. */
  public List<String> boundariesNeeded() {
    List<String> names = new ArrayList<>();
    if (!isIdentity()) {
      cut.boundaries().ifPresent(names::add);
      storedBoundaries().filter(name -> !names.contains(name)).ifPresent(names::add);
    }
    return names;
  }

  /**
   * The sequence columns as they are wanted, by name, in new vectors that the caller closes.
   *
   * @param roots the needed pieces of one slot, in order; they stay the caller's
   */
  public Map<String, FieldVector> cut(List<VectorSchemaRoot> roots, CutErrors errors) {
    try (CutRows rows = of(roots)) {
      rows.run(errors);
      return rows.vectors();
    }
  }

  /**
   * The sequence columns of one slot whose pieces are always shown by the same vectors; there must
   * be such columns.
   *
   * @param roots the needed pieces, in order; they stay the caller's
   */
  public CutRows of(List<VectorSchemaRoot> roots) {
    CutColumn[] columns =
        schema.sequence().stream().map(name -> column(name, roots)).toArray(CutColumn[]::new);
    return new CutRows(List.copyOf(roots), columns, storedBoundaries(), pieces, cut);
  }

  private Optional<String> storedBoundaries() {
    return pieces == 1 ? Optional.empty() : schema.boundaries();
  }

  /** A column of the result, filled from the same column of the needed pieces. */
  private CutColumn column(String name, List<VectorSchemaRoot> roots) {
    SequenceColumn[] sources = new SequenceColumn[pieces];
    for (int index = 0; index < roots.size(); index++) {
      sources[needed.get(index)] = SequenceColumn.of(roots.get(index).getVector(name));
    }
    return new CutColumn(resultField(schema.field(name).orElseThrow()), sources, allocator);
  }

  private Field resultField(Field field) {
    return field.type() instanceof ColumnType.FixedSizeList list
        ? new Field(
            field.name(),
            new ColumnType.FixedSizeList(
                list.item(), list.size() / cut.parts() * cut.chunks().size()),
            field.nullable())
        : field;
  }
}
