// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.reader.BundleShare.Extent;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.reader.Topology;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;

/** A rank's share of a group of steps: the bundles behind it, and which slots of them. */
final class GroupShare implements AutoCloseable {
  /** Consecutive slots of the step that lie in one bundle. */
  private record Part(BundleShare share, int bundleSlot, int slot, int count, int bundleStep) {}

  private final CommittedGroup group;
  private final SlotDecoder decoder;
  private final List<Part> parts = new ArrayList<>();

  /** Only Arrow's cells can be shown as they are. */
  private boolean onlyArrow = true;

  private GroupShare(CommittedGroup group, SlotDecoder decoder) {
    this.group = group;
    this.decoder = decoder;
  }

  /** Fetches the rank's share of all steps of the group. */
  static GroupShare open(
      CommittedGroup group,
      Topology topology,
      SlotDecoder decoder,
      RangeReader ranges,
      int maxRangeBytes)
      throws IOException {
    int first = topology.firstSlot(group.slots());
    int stop = first + topology.slotsPerRank(group.slots());
    GroupShare share = new GroupShare(group, decoder);
    try {
      for (CellSource source : group.sources(group.firstStep())) {
        int low = Math.max(first, source.slot());
        int high = Math.min(stop, source.slot() + source.count());
        if (low < high) {
          int bundleSlot = source.bundleSlot() + low - source.slot();
          BundleShare bundle =
              BundleShare.open(
                  ranges,
                  source.bundle(),
                  decoder.pieces(),
                  bundleSlot,
                  high - low,
                  group.isWholeBundle() ? Extent.ALL_CELLS : Extent.ONE_CELL,
                  maxRangeBytes);
          share.parts.add(new Part(bundle, bundleSlot, low, high - low, source.bundleStep()));
          share.onlyArrow &= source.bundle().format() == BundleFormat.ARROW;
        }
      }
      return share;
    } catch (IOException | RuntimeException e) {
      share.close();
      throw e;
    }
  }

  /** How much {@link #open} fetches. */
  static long bytes(CommittedGroup group, Topology topology, SlotDecoder decoder) {
    int first = topology.firstSlot(group.slots());
    int stop = first + topology.slotsPerRank(group.slots());
    long bytes = 0;
    for (CellSource source : group.sources(group.firstStep())) {
      int low = Math.max(first, source.slot());
      int high = Math.min(stop, source.slot() + source.count());
      for (int slot = low; slot < high; slot++) {
        for (int piece : decoder.pieces()) {
          int run = source.bundle().run(piece, source.bundleSlot() + slot - source.slot());
          long length = source.bundle().runs().start(run + 1) - source.bundle().runs().start(run);
          // Of a bundle of several steps only a directory, if just one of them is wanted.
          bytes += group.isWholeBundle() || source.bundle().steps() == 1 ? length : 0;
        }
      }
    }
    return bytes;
  }

  CommittedGroup group() {
    return group;
  }

  boolean contains(long step) {
    return group.contains(step);
  }

  /** Whether {@link #show} is to be used instead of {@link #read}. */
  boolean reuses() {
    return onlyArrow && decoder.windows().isPresent();
  }

  /** The rank's micro-batches of one step in vectors that the decoder keeps. */
  List<SlotBatch> show(long step) throws IOException {
    SlotWindows windows = decoder.windows().get();
    int later = (int) (step - group.firstStep());
    windows.begin();
    for (int index = 0; index < parts.size(); index++) {
      Part part = parts.get(index);
      for (int slot = 0; slot < part.count(); slot++) {
        windows.show(
            part.share(), part.bundleSlot() + slot, part.bundleStep() + later, part.slot() + slot);
      }
    }
    return windows.batches();
  }

  /** The rank's micro-batches of one step, in the order of slots; the caller closes them. */
  List<SlotBatch> read(long step) throws IOException {
    int later = (int) (step - group.firstStep());
    List<SlotBatch> batches = new ArrayList<>();
    try {
      for (Part part : parts) {
        for (int slot = 0; slot < part.count(); slot++) {
          batches.add(
              decoder.decode(
                  part.share(),
                  part.bundleSlot() + slot,
                  part.bundleStep() + later,
                  part.slot() + slot));
        }
      }
      return batches;
    } catch (IOException | RuntimeException e) {
      batches.stream().map(SlotBatch::root).forEach(VectorSchemaRoot::close);
      throw e;
    }
  }

  @Override
  public void close() {
    parts.forEach(part -> part.share().close());
    parts.clear();
  }
}
