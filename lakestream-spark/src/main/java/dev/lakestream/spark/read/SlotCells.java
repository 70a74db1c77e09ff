// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.arrow.bundle.CellReader;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.arrow.sequence.CutErrors;
import dev.lakestream.arrow.sequence.SequenceCut;
import dev.lakestream.arrow.sequence.SequenceCutter;
import dev.lakestream.format.Digest;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Fetches a range of slots, one request for each piece, and gives its rows slot by slot, with
 * pieces joined to whole rows. Of large cells that are Parquet files just the wanted columns are
 * fetched, as they are asked for. Every byte is checked before a row is handed out (invariant 10).
 * Not thread-safe.
 */
public final class SlotCells implements AutoCloseable {
  private final BundleDescriptor bundle;
  private final SequenceCutter cutter;
  private final CellReader decoder;
  private final List<PieceCells> pieces = new ArrayList<>();

  /**
   * Fetches.
   *
   * @param schema that of the bundle
   * @param wanted names of the columns to decode
   */
  public SlotCells(
      ObjectStore store,
      SlotRange range,
      StreamSchema schema,
      Set<String> wanted,
      BufferAllocator allocator)
      throws IOException {
    this.bundle = range.bundle();
    StreamSchema joined =
        new StreamSchema(
            schema.id(),
            schema.fields(),
            schema.sequence().stream().filter(wanted::contains).toList(),
            schema.boundaries());
    this.cutter = new SequenceCutter(joined, bundle.pieces(), SequenceCut.whole(), allocator);
    Set<String> decoded = new LinkedHashSet<>(wanted);
    decoded.addAll(cutter.boundariesNeeded());
    this.decoder =
        new CellReader(ArrowSchemas.divided(schema, bundle.pieces()).fields(), decoded, allocator);
    try {
      for (int piece : cutter.piecesNeeded()) {
        pieces.add(
            SparsePiece.pays(range, decoded.size(), schema.fields().size())
                ? new SparsePiece(store, range, piece, decoder, allocator)
                : new WholePiece(store, range, piece, decoder, allocator));
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * The rows of one slot of one step; the caller closes them before this. Columns are in the order
   * of the schema; there may be more than the wanted ones.
   *
   * @param slot as the bundle counts
   */
  public VectorSchemaRoot rows(int slot, int bundleStep) throws IOException {
    List<VectorSchemaRoot> parts = new ArrayList<>();
    try {
      for (PieceCells piece : pieces) {
        parts.add(piece.rows(slot, bundleStep));
      }
      if (cutter.isIdentity()) {
        return parts.remove(0);
      }
      return join(parts);
    } finally {
      parts.forEach(VectorSchemaRoot::close);
    }
  }

  /**
   * The digest of one slot of one step ({@code docs/format.md} §4.2); only if all pieces were
   * fetched, as they are where all columns are wanted.
   *
   * @param slot as the bundle counts
   */
  public Digest digest(int slot, int bundleStep) throws IOException {
    List<byte[]> entries = new ArrayList<>();
    for (PieceCells piece : pieces) {
      entries.add(piece.directory(slot).entry(bundleStep));
    }
    return StepDigest.ofSlot(entries);
  }

  /** How many requests it took so far. */
  int requests() {
    return pieces.stream().mapToInt(PieceCells::requests).sum();
  }

  /** How many bytes they brought. */
  long bytes() {
    return pieces.stream().mapToLong(PieceCells::bytes).sum();
  }

  @Override
  public void close() {
    pieces.forEach(PieceCells::close);
    pieces.clear();
    decoder.close();
  }

  private VectorSchemaRoot join(List<VectorSchemaRoot> parts) {
    Map<String, FieldVector> whole = cutter.cut(parts, CutErrors.ofObject(bundle.key().value()));
    VectorSchemaRoot first = parts.get(0);
    List<FieldVector> columns = new ArrayList<>();
    for (FieldVector column : first.getFieldVectors()) {
      FieldVector cut = whole.get(column.getName());
      if (cut != null) {
        columns.add(cut);
      } else {
        var pair = column.getTransferPair(column.getAllocator());
        pair.transfer();
        columns.add((FieldVector) pair.getTo());
      }
    }
    return new VectorSchemaRoot(
        columns.stream().map(FieldVector::getField).toList(), columns, first.getRowCount());
  }
}
