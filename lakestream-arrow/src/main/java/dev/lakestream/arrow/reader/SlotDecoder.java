// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.CellPlace;
import dev.lakestream.arrow.bundle.CellReader;
import dev.lakestream.arrow.bundle.CellWindow;
import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.arrow.reader.ReaderOptions.Checksums;
import dev.lakestream.arrow.reader.ReaderOptions.Vectors;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.arrow.sequence.SequenceCut;
import dev.lakestream.arrow.sequence.SequenceCutter;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Makes micro-batches of the cells of bundles that have the same schema and pieces: decodes what is
 * wanted, cuts sequences, and adds what the bundles lack as nulls.
 */
final class SlotDecoder implements AutoCloseable {
  private final BufferAllocator allocator;
  private final Checksums checksums;
  private final SlotAssembly assembly;
  private final CRC32C crc = new CRC32C();
  private final Optional<SlotWindows> windows;

  /**
   * @param stored schema of the bundles
   * @param pieces of the bundles
   * @param delivered columns of the result, with sizes as the rank gets them
   */
  SlotDecoder(
      StreamSchema stored,
      int pieces,
      SequenceCut cut,
      List<Field> delivered,
      ReaderOptions options,
      BufferAllocator allocator) {
    this.allocator = allocator;
    this.checksums = options.checksums();
    Set<String> wanted = new HashSet<>(delivered.stream().map(Field::name).toList());
    List<String> sequence = stored.sequence().stream().filter(wanted::contains).toList();
    StreamSchema cuttable =
        new StreamSchema(stored.id(), stored.fields(), sequence, stored.boundaries());
    SequenceCutter cutter = new SequenceCutter(cuttable, pieces, cut, allocator);
    wanted.addAll(cutter.boundariesNeeded());
    List<Field> columns = ArrowSchemas.divided(stored, pieces).fields();
    this.assembly =
        SlotAssembly.of(
            cutter,
            delivered,
            new CellReader(columns, wanted, allocator),
            new CellReader(columns, Set.copyOf(sequence), allocator),
            allocator);
    this.windows =
        options.vectors() == Vectors.REUSED && CellWindow.isPossible()
            ? Optional.of(new SlotWindows(assembly, checksums == Checksums.VERIFY, allocator))
            : Optional.empty();
  }

  /** Vectors that serve the next step as well, if they are wanted. */
  Optional<SlotWindows> windows() {
    return windows;
  }

  /** The pieces that {@link #decode} reads, ascending. */
  List<Integer> pieces() {
    return assembly.pieces();
  }

  /** The micro-batch of one slot of one step of a bundle; the caller closes it. */
  SlotBatch decode(BundleShare share, int bundleSlot, int bundleStep, int slot) throws IOException {
    RunDirectory directory = share.run(pieces().get(0), bundleSlot).directory();
    VectorSchemaRoot rows =
        assembly.deliversCells()
            ? decodeCell(assembly.first(), share, pieces().get(0), bundleSlot, bundleStep)
            : assemble(share, bundleSlot, bundleStep);
    return new OwnBatch(slot, rows, directory.tokens(bundleStep));
  }

  private VectorSchemaRoot assemble(BundleShare share, int bundleSlot, int bundleStep)
      throws IOException {
    List<VectorSchemaRoot> roots = new ArrayList<>();
    Set<FieldVector> delivering = Collections.newSetFromMap(new IdentityHashMap<>());
    try {
      for (int piece : pieces()) {
        CellReader decoder = roots.isEmpty() ? assembly.first() : assembly.others();
        roots.add(decodeCell(decoder, share, piece, bundleSlot, bundleStep));
      }
      VectorSchemaRoot result = deliver(roots, share);
      delivering.addAll(result.getFieldVectors());
      return result;
    } finally {
      for (VectorSchemaRoot root : roots) {
        root.getFieldVectors().stream()
            .filter(vector -> !delivering.contains(vector))
            .forEach(FieldVector::close);
      }
    }
  }

  private VectorSchemaRoot decodeCell(
      CellReader decoder, BundleShare share, int piece, int slot, int step) throws IOException {
    Run run = share.run(piece, slot);
    CellPlace place = new CellPlace(share.bundle().key(), piece, slot, step);
    try (ArrowBuf cell = run.cell(step)) {
      if (checksums == Checksums.VERIFY) {
        CellChecksum.verify(cell, run.directory().crc32c(step), crc, place);
      }
      BundleFormat format = share.bundle().format();
      return decoder.read(format, cell, run.directory().rows(step), place);
    }
  }

  /** Vectors of the first root become the result's; all other columns of it are new. */
  private VectorSchemaRoot deliver(List<VectorSchemaRoot> roots, BundleShare share) {
    VectorSchemaRoot main = roots.get(0);
    Map<String, FieldVector> made =
        assembly.cutter().isIdentity()
            ? new HashMap<>()
            : new HashMap<>(assembly.cutter().cut(roots, share.cutErrors()));
    try {
      List<FieldVector> columns = new ArrayList<>();
      for (org.apache.arrow.vector.types.pojo.Field field : assembly.schema().getFields()) {
        FieldVector decoded = main.getVector(field.getName());
        if (decoded == null) {
          made.put(field.getName(), NullColumn.of(field, main.getRowCount(), allocator));
        }
        columns.add(made.getOrDefault(field.getName(), decoded));
      }
      return new VectorSchemaRoot(assembly.schema(), columns, main.getRowCount());
    } catch (RuntimeException e) {
      made.values().forEach(FieldVector::close);
      throw e;
    }
  }

  @Override
  public void close() {
    windows.ifPresent(SlotWindows::close);
    assembly.first().close();
    assembly.others().close();
  }
}
