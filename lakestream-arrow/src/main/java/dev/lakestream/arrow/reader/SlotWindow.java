// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.CellDecoder;
import dev.lakestream.arrow.bundle.CellPlace;
import dev.lakestream.arrow.bundle.CellWindow;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * The micro-batch of one slot of a rank, always the same one, which shows one step after another:
 * its pieces' cells in windows, and of those what is wanted.
 *
 * <p>Must: what is shown is taken away before the memory under it is, by {@link #clear()}.
 */
final class SlotWindow implements SlotBatch, AutoCloseable {
  private final SlotAssembly assembly;
  private final boolean verify;
  private final int[] pieces;
  private final CellWindow[] cells;

  /** Cells that lie in no range of the share; kept as long as they are shown. */
  private final ArrowBuf[] fetched;

  private final ArrowBuf nothing;
  private final CRC32C crc = new CRC32C();
  private Optional<AssembledRows> rows = Optional.empty();
  private int slot = -1;
  private long tokens;

  SlotWindow(SlotAssembly assembly, boolean verify, BufferAllocator allocator) {
    this.assembly = assembly;
    this.verify = verify;
    this.pieces = assembly.pieces().stream().mapToInt(Integer::intValue).toArray();
    this.cells = new CellWindow[pieces.length];
    for (int index = 0; index < pieces.length; index++) {
      CellDecoder decoder = assembly.decoder(index);
      cells[index] = new CellWindow(decoder, allocator);
    }
    this.fetched = new ArrowBuf[pieces.length];
    this.nothing = allocator.getEmpty();
    Arrays.fill(fetched, nothing);
  }

  /** Shows the cells of one slot of one step of a bundle. */
  void show(BundleShare share, int bundleSlot, int bundleStep, int itsSlot) throws IOException {
    for (int index = 0; index < pieces.length; index++) {
      Run run = share.run(pieces[index], bundleSlot);
      if (run instanceof WholeRun whole) {
        if (verify && whole.checksum(bundleStep, crc) != run.directory().crc32c(bundleStep)) {
          throw place(share, index, bundleSlot, bundleStep)
              .mismatch((int) crc.getValue(), run.directory().crc32c(bundleStep));
        }
        show(index, whole.address(bundleStep), run, share, bundleSlot, bundleStep);
        letGo(index);
      } else {
        showFetched(index, run, share, bundleSlot, bundleStep);
      }
    }
    slot = itsSlot;
    tokens = share.run(pieces[0], bundleSlot).directory().tokens(bundleStep);
    assemble(share);
  }

  private void showFetched(int index, Run run, BundleShare share, int bundleSlot, int step)
      throws IOException {
    ArrowBuf cell = run.cell(step);
    ArrowBuf before = fetched[index];
    fetched[index] = cell;
    try {
      if (verify) {
        CellPlace place = place(share, index, bundleSlot, step);
        CellChecksum.verify(cell, run.directory().crc32c(step), crc, place);
      }
      show(index, cell.memoryAddress(), run, share, bundleSlot, step);
    } finally {
      before.close();
    }
  }

  private void show(
      int index, long address, Run run, BundleShare share, int bundleSlot, int bundleStep) {
    long length = run.directory().cellLength(bundleStep);
    if (!cells[index].show(address, length, run.directory().rows(bundleStep))) {
      throw cells[index].refusal(place(share, index, bundleSlot, bundleStep));
    }
  }

  private CellPlace place(BundleShare share, int index, int bundleSlot, int bundleStep) {
    return new CellPlace(share.bundle().key(), pieces[index], bundleSlot, bundleStep);
  }

  private void assemble(BundleShare share) {
    if (assembly.deliversCells()) {
      return;
    }
    if (rows.isEmpty() || !rows.get().isOf(cells)) {
      rows.ifPresent(AssembledRows::close);
      rows = Optional.of(assembly.rows(List.of(cells)));
    }
    rows.get().show(share.cutErrors());
  }

  private void letGo(int index) {
    fetched[index].close();
    fetched[index] = nothing;
  }

  @Override
  public int slot() {
    return slot;
  }

  @Override
  public VectorSchemaRoot root() {
    return rows.isPresent() ? rows.get().root() : cells[0].root();
  }

  @Override
  public long tokens() {
    return tokens;
  }

  @Override
  public boolean isReused() {
    return true;
  }

  /** Shows nothing any more; the vectors are empty. */
  void clear() {
    rows.ifPresent(AssembledRows::close);
    rows = Optional.empty();
    for (int index = 0; index < pieces.length; index++) {
      cells[index].clear();
      letGo(index);
    }
  }

  @Override
  public void close() {
    clear();
    for (CellWindow window : cells) {
      window.close();
    }
  }
}
