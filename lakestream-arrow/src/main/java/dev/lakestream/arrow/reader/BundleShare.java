// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.arrow.sequence.CutErrors;
import dev.lakestream.log.BundleDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.memory.ArrowBuf;
import org.jspecify.annotations.Nullable;

/**
 * The runs of consecutive slots of a bundle, for some of its pieces. Runs that follow each other
 * are fetched as one range, once, for all steps of the bundle; their directories are checked once.
 */
final class BundleShare implements AutoCloseable {
  /** How much of each run will be read. */
  enum Extent {
    ALL_CELLS,
    ONE_CELL,
    NO_CELLS
  }

  private final RangeReader ranges;
  private final BundleDescriptor bundle;
  private final int firstSlot;
  private final CutErrors cutErrors;

  /** By piece, then by slot from the first one on; those of other pieces are null. */
  private final @Nullable Run[][] runs;

  private BundleShare(RangeReader ranges, BundleDescriptor bundle, int firstSlot, int slots) {
    this.ranges = ranges;
    this.bundle = bundle;
    this.firstSlot = firstSlot;
    this.cutErrors = CutErrors.ofObject(bundle.key().value());
    this.runs = new @Nullable Run[bundle.pieces()][slots];
  }

  /**
   * Fetches the runs.
   *
   * @param pieces ascending
   * @param maxRangeBytes the most to fetch at once
   */
  static BundleShare open(
      RangeReader ranges,
      BundleDescriptor bundle,
      List<Integer> pieces,
      int firstSlot,
      int slots,
      Extent extent,
      int maxRangeBytes)
      throws IOException {
    BundleShare share = new BundleShare(ranges, bundle, firstSlot, slots);
    try {
      List<Integer> wanted = new ArrayList<>();
      for (int piece : pieces) {
        for (int slot = firstSlot; slot < firstSlot + slots; slot++) {
          wanted.add(bundle.run(piece, slot));
        }
      }
      boolean sparse = extent == Extent.ONE_CELL && bundle.steps() > 1;
      if (sparse || extent == Extent.NO_CELLS) {
        for (int run : wanted) {
          share.openSparse(run);
        }
      } else {
        share.openWhole(wanted, maxRangeBytes);
      }
      return share;
    } catch (IOException | RuntimeException e) {
      share.close();
      throw e;
    }
  }

  BundleDescriptor bundle() {
    return bundle;
  }

  /** Whom to blame if its sequences cannot be cut. */
  CutErrors cutErrors() {
    return cutErrors;
  }

  /** The run of a piece and slot of this share. */
  Run run(int piece, int slot) {
    return Objects.requireNonNull(runs[piece][slot - firstSlot]);
  }

  private void put(int run, Run opened) {
    runs[run / bundle.slots()][run % bundle.slots() - firstSlot] = opened;
  }

  private void openWhole(List<Integer> wanted, int maxRangeBytes) throws IOException {
    int next = 0;
    while (next < wanted.size()) {
      int first = wanted.get(next);
      int stop = first + 1;
      while (next + stop - first < wanted.size()
          && wanted.get(next + stop - first) == stop
          && length(first, stop + 1) <= maxRangeBytes) {
        stop++;
      }
      if (length(first, stop) > maxRangeBytes) {
        openSparse(first);
      } else {
        openRange(first, stop);
      }
      next += stop - first;
    }
  }

  /** Fetches the runs [first, stop) as one range. */
  private void openRange(int first, int stop) throws IOException {
    long start = bundle.runs().start(first);
    try (ArrowBuf range = ranges.read(bundle, start, length(first, stop))) {
      ByteBuffer all = range.nioBuffer(0, (int) range.capacity());
      for (int run = first; run < stop; run++) {
        long length = length(run, run + 1);
        ArrowBuf bytes = range.slice(bundle.runs().start(run) - start, length);
        RunDirectory directory = decode(bytes, run, length);
        bytes.getReferenceManager().retain();
        int offset = (int) (bundle.runs().start(run) - start);
        put(run, new WholeRun(bytes, all, offset, directory));
      }
    }
  }

  private void openSparse(int run) throws IOException {
    long start = bundle.runs().start(run);
    long length = length(run, run + 1);
    int directoryLength = (int) Math.min(length, RunDirectory.length(bundle.steps()));
    try (ArrowBuf bytes = ranges.read(bundle, start, directoryLength)) {
      put(run, new SparseRun(ranges, bundle, start, decode(bytes, run, length)));
    }
  }

  private RunDirectory decode(ArrowBuf bytes, int run, long length) {
    int directoryLength = (int) Math.min(bytes.capacity(), RunDirectory.length(bundle.steps()));
    ByteBuffer start = bytes.nioBuffer(0, directoryLength).order(ByteOrder.LITTLE_ENDIAN);
    return RunDirectory.decode(start, bundle, run / bundle.slots(), run % bundle.slots(), length);
  }

  private long length(int first, int stop) {
    return bundle.runs().start(stop) - bundle.runs().start(first);
  }

  @Override
  public void close() {
    for (@Nullable Run[] slots : runs) {
      for (int slot = 0; slot < slots.length; slot++) {
        Run run = slots[slot];
        if (run != null) {
          run.close();
          slots[slot] = null;
        }
      }
    }
  }
}
