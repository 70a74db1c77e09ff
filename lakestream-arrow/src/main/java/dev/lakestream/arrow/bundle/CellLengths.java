// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.log.BundleDescriptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Footer;

/**
 * How long each cell of a bundle is, as its Arrow footer says: one range tells all of them, where
 * the run directories would be as many ranges as there are runs.
 *
 * <p>The footer has no checksum, but the commit says where each run begins and ends: cells that do
 * not fill their runs exactly, one after the other, are refused. Whoever reads a cell checks it
 * against its directory all the same. Immutable.
 */
public final class CellLengths {
  private static final byte[] MAGIC = {'A', 'R', 'R', 'O', 'W', '1'};
  private static final int MARKER_BYTES = 8;
  private static final int ENDING_BYTES = Integer.BYTES + MAGIC.length;

  private final BundleDescriptor bundle;
  private final long[] lengths;

  private CellLengths(BundleDescriptor bundle, long[] lengths) {
    this.bundle = bundle;
    this.lengths = lengths;
  }

  /** Where the part of the bundle begins that {@link #decode} wants; it goes on to the end. */
  public static long tailStart(BundleDescriptor bundle) {
    return bundle.runs().start(bundle.runs().runs());
  }

  /**
   * Those of a bundle of one step, whose runs are a directory and one cell: nothing is read.
   *
   * @throws CorruptObjectException if a run has no room for a cell
   */
  public static CellLengths ofOneStep(BundleDescriptor bundle) {
    long[] lengths = new long[bundle.runs().runs()];
    for (int run = 0; run < lengths.length; run++) {
      lengths[run] =
          bundle.runs().start(run + 1) - bundle.runs().start(run) - RunDirectory.length(1);
      if (lengths[run] < Alignment.BYTES) {
        throw corrupt(bundle, "run " + run + " has no room for a cell");
      }
    }
    return new CellLengths(bundle, lengths);
  }

  /**
   * Reads the footer of a bundle.
   *
   * @param tail the bundle's bytes from {@link #tailStart} to its end
   * @throws CorruptObjectException if it does not describe the runs that the commit does
   */
  public static CellLengths decode(ByteBuffer tail, BundleDescriptor bundle) {
    try {
      return new CellLengths(bundle, lengths(footer(tail, bundle), bundle));
    } catch (IndexOutOfBoundsException e) {
      throw corrupt(bundle, "its footer is damaged: " + e.getMessage());
    }
  }

  /** Bytes of a cell. */
  public long length(int run, int step) {
    return lengths[run * bundle.steps() + step];
  }

  /** How many cells these are. */
  public int cells() {
    return lengths.length;
  }

  private static Footer footer(ByteBuffer tail, BundleDescriptor bundle) {
    ByteBuffer bytes = tail.slice().order(ByteOrder.LITTLE_ENDIAN);
    int room = bytes.remaining() - MARKER_BYTES - ENDING_BYTES;
    byte[] magic = new byte[MAGIC.length];
    if (room > 0) {
      bytes.get(bytes.remaining() - magic.length, magic);
    }
    if (room <= 0 || !Arrays.equals(magic, MAGIC)) {
      throw corrupt(bundle, "it does not end as an Arrow file does");
    }
    int length = bytes.getInt(bytes.remaining() - ENDING_BYTES);
    if (length != room) {
      throw corrupt(bundle, "its footer has " + length + " bytes, there is room for " + room);
    }
    return Footer.getRootAsFooter(bytes.slice(MARKER_BYTES, length).order(ByteOrder.LITTLE_ENDIAN));
  }

  private static long[] lengths(Footer footer, BundleDescriptor bundle) {
    long wanted = (long) bundle.runs().runs() * bundle.steps();
    if (footer.recordBatchesLength() != wanted) {
      throw corrupt(
          bundle,
          "its footer has " + footer.recordBatchesLength() + " record batches, not " + wanted);
    }
    long[] lengths = new long[(int) wanted];
    Block block = new Block();
    for (int run = 0; run < bundle.runs().runs(); run++) {
      long position = bundle.runs().start(run) + RunDirectory.length(bundle.steps());
      for (int step = 0; step < bundle.steps(); step++) {
        int cell = run * bundle.steps() + step;
        footer.recordBatches(block, cell);
        long length = block.metaDataLength() + block.bodyLength();
        if (block.offset() != position
            || block.metaDataLength() <= 0
            || block.bodyLength() < 0
            || length > bundle.runs().start(run + 1) - position
            || !Alignment.isAligned(length)) {
          throw corrupt(bundle, "its footer says that record batch " + cell + " is elsewhere");
        }
        lengths[cell] = length;
        position += length;
      }
      if (position != bundle.runs().start(run + 1)) {
        throw corrupt(bundle, "its footer leaves a part of run " + run);
      }
    }
    return lengths;
  }

  private static CorruptObjectException corrupt(BundleDescriptor bundle, String what) {
    return new CorruptObjectException(bundle.key().value(), what);
  }
}
