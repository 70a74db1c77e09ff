// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.arrow.reader.BundleShare.Extent;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The directories of all runs of a group of steps: rows, tokens and digest of each slot. Reads no
 * cells. Not thread-safe.
 */
public final class SlotDirectories implements AutoCloseable {
  private record Part(BundleShare share, CellSource source) {}

  private final CommittedGroup group;
  private final List<Part> parts = new ArrayList<>();

  private SlotDirectories(CommittedGroup group) {
    this.group = group;
  }

  /**
   * Reads and checks the directories.
   *
   * @param store that the group's bundles lie in
   * @throws dev.lakestream.error.CorruptObjectException if one is damaged
   */
  public static SlotDirectories open(
      ObjectStore store, CommittedGroup group, BufferAllocator allocator) throws IOException {
    return open(store, group, 0, group.slots(), allocator);
  }

  /** As {@link #open(ObjectStore, CommittedGroup, BufferAllocator)}, of some slots of each step. */
  public static SlotDirectories open(
      ObjectStore store, CommittedGroup group, int firstSlot, int slots, BufferAllocator allocator)
      throws IOException {
    SlotDirectories directories = new SlotDirectories(group);
    RangeReader ranges = new RangeReader(store, allocator);
    List<Integer> pieces = IntStream.range(0, group.pieces()).boxed().toList();
    try {
      for (CellSource whole : group.sources(group.firstStep())) {
        CellSource source = whole.among(firstSlot, firstSlot + slots);
        if (source.count() > 0) {
          BundleShare share =
              BundleShare.open(
                  ranges,
                  source.bundle(),
                  pieces,
                  source.bundleSlot(),
                  source.count(),
                  Extent.NO_CELLS,
                  Integer.MAX_VALUE);
          directories.parts.add(new Part(share, source));
        }
      }
      return directories;
    } catch (IOException | RuntimeException e) {
      directories.close();
      throw e;
    }
  }

  /** What the directories say of the slots of one step of the group, in order. */
  public List<SlotSummary> slots(long step) {
    int later = (int) (step - group.firstStep());
    List<SlotSummary> slots = new ArrayList<>();
    for (Part part : parts) {
      for (int slot = 0; slot < part.source().count(); slot++) {
        List<RunDirectory> pieces = pieces(part, part.source().bundleSlot() + slot);
        int cell = part.source().bundleStep() + later;
        slots.add(
            new SlotSummary(
                pieces.get(0).rows(cell),
                pieces.get(0).tokens(cell),
                StepDigest.ofSlot(pieces.stream().map(piece -> piece.entry(cell)).toList())));
      }
    }
    return slots;
  }

  /** Where the cells of one step of the group lie, slot by slot and in each piece by piece. */
  public List<StoredCell> cells(long step) {
    int later = (int) (step - group.firstStep());
    List<StoredCell> cells = new ArrayList<>();
    for (Part part : parts) {
      CellSource source = part.source();
      for (int slot = 0; slot < source.count(); slot++) {
        int bundleSlot = source.bundleSlot() + slot;
        List<RunDirectory> pieces = pieces(part, bundleSlot);
        for (int piece = 0; piece < pieces.size(); piece++) {
          long run = source.bundle().runs().start(source.bundle().run(piece, bundleSlot));
          cells.add(
              StoredCell.of(
                  source, slot, piece, source.bundleStep() + later, run, pieces.get(piece)));
        }
      }
    }
    return cells;
  }

  private List<RunDirectory> pieces(Part part, int bundleSlot) {
    return IntStream.range(0, group.pieces())
        .mapToObj(piece -> part.share().run(piece, bundleSlot).directory())
        .toList();
  }

  @Override
  public void close() {
    parts.forEach(part -> part.share().close());
    parts.clear();
  }
}
