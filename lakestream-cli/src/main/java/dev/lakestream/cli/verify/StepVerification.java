// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.verify;

import dev.lakestream.arrow.bundle.CellDecoder;
import dev.lakestream.arrow.bundle.CellPlace;
import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.Digest;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.StepRecord;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.Region;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ForeignAllocation;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Reads every cell of every readable step: directories, checksums, structure, and that rows, tokens
 * and digests add up to what the log says (invariants 1, 3, 10).
 */
final class StepVerification {
  private final LakeStream stream;
  private final BufferAllocator allocator;
  private final Findings findings;
  private final Map<String, CellDecoder> decoders = new HashMap<>();

  /** Sums over the slots of one step. */
  private static final class StepSum {
    private final List<Digest> slotDigests = new ArrayList<>();
    private long rows;
    private long tokens;
  }

  StepVerification(LakeStream stream, BufferAllocator allocator, Findings findings) {
    this.stream = stream;
    this.allocator = allocator;
    this.findings = findings;
  }

  /** Verifies all steps; tells how many are done. */
  void run(LongConsumer done) throws IOException {
    try {
      long step = stream.state().firstReadable();
      while (step < stream.state().nextStep()) {
        CommittedGroup group = stream.groupOf(step);
        verify(group);
        step = group.nextStep();
        done.accept(step - stream.state().firstReadable());
      }
    } catch (LakestreamException e) {
      findings.fault(e);
    } finally {
      decoders.values().forEach(CellDecoder::close);
    }
  }

  private void verify(CommittedGroup group) throws IOException {
    int steps = group.group().steps().size();
    List<StepSum> sums = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      sums.add(new StepSum());
    }
    try {
      for (CellSource source : group.sources(group.firstStep())) {
        for (int slot = 0; slot < source.count(); slot++) {
          verifySlot(source.bundle(), source.bundleSlot() + slot, source.bundleStep(), sums);
        }
      }
    } catch (LakestreamException | ObjectNotFoundException e) {
      findings.fault(
          "step " + group.firstStep() + " to " + (group.nextStep() - 1) + ": " + e.getMessage());
      return;
    }
    for (int i = 0; i < steps; i++) {
      compare(group.firstStep() + i, group.group().steps().get(i), sums.get(i));
    }
    findings.count("steps", steps);
  }

  private void verifySlot(BundleDescriptor bundle, int slot, int firstStep, List<StepSum> sums)
      throws IOException {
    List<List<byte[]>> entries = new ArrayList<>();
    sums.forEach(sum -> entries.add(new ArrayList<>()));
    for (int piece = 0; piece < bundle.pieces(); piece++) {
      int run = bundle.run(piece, slot);
      long start = bundle.runs().start(run);
      int length = Math.toIntExact(bundle.runs().start(run + 1) - start);
      Region region = stream.store().read(bundle.key(), start, length);
      try (ArrowBuf bytes = allocator.wrapForeignAllocation(new Mapped(region))) {
        RunDirectory directory =
            RunDirectory.decode(
                bytes.nioBuffer(0, length).order(ByteOrder.LITTLE_ENDIAN),
                bundle,
                piece,
                slot,
                length);
        for (int i = 0; i < sums.size(); i++) {
          int cell = firstStep + i;
          verifyCell(
              bytes, directory, cell, new CellPlace(bundle.key(), piece, slot, cell), bundle);
          entries.get(i).add(directory.entry(cell));
          if (piece == 0) {
            sums.get(i).rows += directory.rows(cell);
            sums.get(i).tokens += directory.tokens(cell);
          }
        }
      }
      findings.count("bytes", length);
    }
    for (int i = 0; i < sums.size(); i++) {
      sums.get(i).slotDigests.add(StepDigest.ofSlot(entries.get(i)));
    }
  }

  private void verifyCell(
      ArrowBuf run, RunDirectory directory, int cell, CellPlace place, BundleDescriptor bundle) {
    ArrowBuf bytes = run.slice(directory.start(cell), directory.cellLength(cell));
    CRC32C crc = new CRC32C();
    ByteBuffer content = bytes.nioBuffer(0, Math.toIntExact(bytes.capacity()));
    crc.update(content);
    if ((int) crc.getValue() != directory.crc32c(cell)) {
      throw place.corrupt("its CRC32C is not that of its directory");
    }
    try (VectorSchemaRoot root = decoder(bundle).decode(bytes, directory.rows(cell), place)) {
      findings.count("cells", 1);
      findings.count("rows", root.getRowCount());
    }
  }

  private CellDecoder decoder(BundleDescriptor bundle) {
    return decoders.computeIfAbsent(
        bundle.schema() + "/" + bundle.pieces(),
        absent ->
            new CellDecoder(
                ArrowSchemas.divided(
                        stream.state().schemas().get(bundle.schema()).schema(), bundle.pieces())
                    .fields(),
                allocator));
  }

  private void compare(long step, StepRecord record, StepSum sum) {
    if (sum.rows != record.rows()) {
      findings.fault("step " + step + " has " + sum.rows + " rows, the log says " + record.rows());
    }
    if (sum.tokens != record.tokens()) {
      findings.fault(
          "step " + step + " has " + sum.tokens + " tokens, the log says " + record.tokens());
    }
    if (!StepDigest.of(sum.slotDigests).equals(record.digest())) {
      findings.fault("step " + step + " has another digest than the log says");
    }
  }

  private static final class Mapped extends ForeignAllocation {
    private final Region region;

    Mapped(Region region) {
      super(
          region.bytes().remaining(),
          MemoryUtil.getByteBufferAddress(region.bytes()) + region.bytes().position());
      this.region = region;
    }

    @Override
    protected void release0() {
      region.close();
    }
  }
}
