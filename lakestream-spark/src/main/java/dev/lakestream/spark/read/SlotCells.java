// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.arrow.bundle.CellPlace;
import dev.lakestream.arrow.bundle.CellReader;
import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.arrow.sequence.CutErrors;
import dev.lakestream.arrow.sequence.SequenceCut;
import dev.lakestream.arrow.sequence.SequenceCutter;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Digest;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Fetches a range of slots, one request for each piece, and gives its rows slot by slot, with
 * pieces joined to whole rows. Every byte is checked before a row is handed out (invariant 10). Not
 * thread-safe.
 */
public final class SlotCells implements AutoCloseable {
  private final SlotRange range;
  private final BundleDescriptor bundle;
  private final SequenceCutter cutter;
  private final CellReader decoder;
  private final List<ArrowBuf> pieces = new ArrayList<>();

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
    this.range = range;
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
        pieces.add(fetch(store, piece, allocator));
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
  public VectorSchemaRoot rows(int slot, int bundleStep) {
    List<VectorSchemaRoot> parts = new ArrayList<>();
    try {
      for (int index = 0; index < pieces.size(); index++) {
        parts.add(decode(index, slot, bundleStep));
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
  public Digest digest(int slot, int bundleStep) {
    List<byte[]> entries = new ArrayList<>();
    for (int index = 0; index < pieces.size(); index++) {
      entries.add(directory(index, slot, run(index, slot)).entry(bundleStep));
    }
    return StepDigest.ofSlot(entries);
  }

  /** How many requests it took. */
  int requests() {
    return pieces.size();
  }

  /** How many bytes they brought. */
  long bytes() {
    return pieces.stream().mapToLong(ArrowBuf::capacity).sum();
  }

  @Override
  public void close() {
    pieces.forEach(ArrowBuf::close);
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

  private VectorSchemaRoot decode(int index, int slot, int bundleStep) {
    int piece = cutter.piecesNeeded().get(index);
    ArrowBuf bytes = run(index, slot);
    RunDirectory directory = directory(index, slot, bytes);
    CellPlace place = new CellPlace(bundle.key(), piece, slot, bundleStep);
    ArrowBuf cell = bytes.slice(directory.start(bundleStep), directory.cellLength(bundleStep));
    check(cell, directory.crc32c(bundleStep), place);
    return decoder.read(bundle.format(), cell, directory.rows(bundleStep), place);
  }

  private ArrowBuf run(int index, int slot) {
    int piece = cutter.piecesNeeded().get(index);
    int run = bundle.run(piece, slot);
    long start = bundle.runs().start(run) - bundle.runs().start(bundle.run(piece, range.slot()));
    long length = bundle.runs().start(run + 1) - bundle.runs().start(run);
    return pieces.get(index).slice(start, length);
  }

  private RunDirectory directory(int index, int slot, ArrowBuf run) {
    long length = run.capacity();
    return RunDirectory.decode(
        run.nioBuffer(0, (int) Math.min(length, RunDirectory.length(bundle.steps()))),
        bundle,
        cutter.piecesNeeded().get(index),
        slot,
        length);
  }

  private static void check(ArrowBuf cell, int wanted, CellPlace place) {
    CRC32C crc = new CRC32C();
    ByteBuffer bytes = cell.nioBuffer(0, (int) cell.capacity());
    crc.update(bytes);
    if ((int) crc.getValue() != wanted) {
      throw place.corrupt(
          String.format("its CRC32C is %08x, the directory says %08x", crc.getValue(), wanted));
    }
  }

  private ArrowBuf fetch(ObjectStore store, int piece, BufferAllocator allocator)
      throws IOException {
    long length = range.bytes(piece);
    if (length > Integer.MAX_VALUE) {
      throw new InvalidRequestException(
          "a slot of "
              + bundle.key()
              + " has "
              + length
              + " bytes: Spark reads at most 2 GiB of one; write it with more slots or a smaller"
              + " bundleSize");
    }
    return RegionMemory.wrap(
        store.read(
            bundle.key(), bundle.runs().start(bundle.run(piece, range.slot())), (int) length),
        allocator);
  }
}
