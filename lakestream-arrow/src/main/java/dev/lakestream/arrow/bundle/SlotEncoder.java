// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.arrow.sequence.CutErrors;
import dev.lakestream.arrow.sequence.SequenceCut;
import dev.lakestream.arrow.sequence.SequenceCutter;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.schema.StreamSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;

/** Turns the rows of a slot into its cells, one for each piece. */
final class SlotEncoder {
  private final StreamSchema schema;
  private final CellEncoding encoder;
  private final List<SequenceCutter> cutters;
  private Optional<Schema> fitting = Optional.empty();

  SlotEncoder(BundleSpec spec, BufferAllocator allocator) {
    this.schema = spec.schema();
    this.encoder =
        CellEncoding.of(
            spec.format(),
            ArrowSchemas.divided(schema, spec.pieces()).fields(),
            spec.compression(),
            allocator);
    this.cutters =
        IntStream.range(0, spec.pieces())
            .mapToObj(piece -> SequenceCut.piece(piece, spec.pieces(), schema.boundaries()))
            .map(cut -> new SequenceCutter(schema, 1, cut, allocator))
            .toList();
  }

  List<EncodedCell> encode(int step, int slot, VectorSchemaRoot rows) {
    String where = "step " + step + ", slot " + slot + " of the bundle";
    requireFit(where, rows.getSchema());
    List<EncodedCell> cells = new ArrayList<>();
    try {
      for (SequenceCutter cutter : cutters) {
        cells.add(encode(cutter, rows, where));
      }
      return cells;
    } catch (RuntimeException e) {
      cells.forEach(EncodedCell::close);
      throw e;
    }
  }

  private EncodedCell encode(SequenceCutter cutter, VectorSchemaRoot rows, String where) {
    if (cutter.isIdentity()) {
      return encoder.encode(rows.getFieldVectors(), rows.getRowCount());
    }
    schema.sequence().forEach(name -> requireFilled(where, name, rows.getVector(name)));
    Map<String, FieldVector> cut = cutter.cut(List.of(rows), CutErrors.ofInput(where));
    try {
      List<FieldVector> columns =
          rows.getFieldVectors().stream()
              .map(vector -> cut.getOrDefault(vector.getName(), vector))
              .toList();
      return encoder.encode(columns, rows.getRowCount());
    } finally {
      cut.values().forEach(FieldVector::close);
    }
  }

  /** A cut copies values only, so nulls must be seen before it. */
  private static void requireFilled(String where, String name, FieldVector vector) {
    if (vector.getNullCount() > 0 || vector.getChildrenFromFields().get(0).getNullCount() > 0) {
      throw new InvalidRequestException(
          where + ": the sequence column '" + name + "' has nulls, which a sequence can't have");
    }
  }

  private void requireFit(String where, Schema given) {
    if (fitting.isPresent() && fitting.get().equals(given)) {
      return;
    }
    Optional<LakestreamException> problem =
        ArrowSchemas.problemOfFit(schema.fields(), given)
            .map(what -> new InvalidRequestException(where + ": " + what));
    if (problem.isPresent()) {
      throw problem.get();
    }
    fitting = Optional.of(given);
  }
}
