// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.arrow.reader.BundleShare.Extent;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Digest;
import dev.lakestream.log.StepRecord;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Compares what the log says of the steps of a group with the directories of their runs: digest,
 * rows and tokens ({@code docs/format.md} §4.2). Reads no cells; {@link StepReader} verifies those.
 */
public final class StepVerifier implements AutoCloseable {
  private record Part(BundleShare share, CellSource source) {}

  private final CommittedGroup group;
  private final List<Part> parts = new ArrayList<>();

  private StepVerifier(CommittedGroup group) {
    this.group = group;
  }

  /**
   * Reads and checks the directories of all runs of a group of steps.
   *
   * @param store that the group's bundles lie in
   */
  public static StepVerifier open(
      ObjectStore store, CommittedGroup group, BufferAllocator allocator) throws IOException {
    StepVerifier verifier = new StepVerifier(group);
    RangeReader ranges = new RangeReader(store, allocator);
    List<Integer> pieces = IntStream.range(0, group.pieces()).boxed().toList();
    try {
      for (CellSource source : group.sources(group.firstStep())) {
        BundleShare share =
            BundleShare.open(
                ranges,
                source.bundle(),
                pieces,
                source.bundleSlot(),
                source.count(),
                Extent.NO_CELLS,
                Integer.MAX_VALUE);
        verifier.parts.add(new Part(share, source));
      }
      return verifier;
    } catch (IOException | RuntimeException e) {
      verifier.close();
      throw e;
    }
  }

  /**
   * Checks one step of the group.
   *
   * @throws CorruptObjectException if its record does not fit its cells
   */
  public void verify(long step) {
    int later = (int) (step - group.firstStep());
    List<Digest> slots = new ArrayList<>();
    long rows = 0;
    long tokens = 0;
    for (Part part : parts) {
      for (int slot = 0; slot < part.source().count(); slot++) {
        List<RunDirectory> pieces = pieces(part, part.source().bundleSlot() + slot);
        int cell = part.source().bundleStep() + later;
        slots.add(StepDigest.ofSlot(pieces.stream().map(piece -> piece.entry(cell)).toList()));
        rows += pieces.get(0).rows(cell);
        tokens += pieces.get(0).tokens(cell);
      }
    }
    StepRecord record = group.step(step);
    expect(step, "digest", record.digest(), StepDigest.of(slots));
    expect(step, "rows", record.rows(), rows);
    expect(step, "tokens", record.tokens(), tokens);
  }

  private List<RunDirectory> pieces(Part part, int bundleSlot) {
    return IntStream.range(0, group.pieces())
        .mapToObj(piece -> part.share().run(piece, bundleSlot).directory())
        .toList();
  }

  private void expect(long step, String what, Object recorded, Object found) {
    if (!recorded.equals(found)) {
      throw new CorruptObjectException(
          parts.get(0).source().bundle().key().value(),
          "step "
              + step
              + ": the log says "
              + what
              + " "
              + recorded
              + ", the directories "
              + found);
    }
  }

  @Override
  public void close() {
    parts.forEach(part -> part.share().close());
    parts.clear();
  }
}
