// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.CellDecoder;
import dev.lakestream.arrow.bundle.CellPlace;
import dev.lakestream.arrow.bundle.CellWindow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The micro-batches of a rank in vectors that serve one step after another, those of its <i>n</i>th
 * slot always the same. Nothing is allocated while cells are alike.
 *
 * <p>Must: what is shown is taken away before the memory under it is, by {@link #clear()}.
 */
final class SlotWindows implements AutoCloseable {
  private final CellDecoder decoder;
  private final BufferAllocator allocator;
  private final boolean verify;
  private final List<Window> windows = new ArrayList<>();
  private final List<SlotBatch> batches = new ArrayList<>();
  private final CRC32C crc = new CRC32C();

  /** Of one slot; {@code fetched} is the cell, if it lies in no range of the share. */
  private static final class Window {
    private final CellWindow cells;
    private Optional<ArrowBuf> fetched = Optional.empty();
    private Optional<SlotBatch> batch = Optional.empty();

    Window(CellWindow cells) {
      this.cells = cells;
    }

    /** The batch of what is shown: the one of the step before, if that says the same. */
    SlotBatch batch(int slot, long tokens) {
      boolean same =
          batch.isPresent()
              && batch.get().slot() == slot
              && batch.get().tokens() == tokens
              && batch.get().root() == cells.root();
      if (!same) {
        batch = Optional.of(new SlotBatch(slot, cells.root(), tokens));
      }
      return batch.get();
    }

    void letGo() {
      cells.clear();
      batch = Optional.empty();
      fetched.ifPresent(ArrowBuf::close);
      fetched = Optional.empty();
    }
  }

  SlotWindows(CellDecoder decoder, boolean verify, BufferAllocator allocator) {
    this.decoder = decoder;
    this.verify = verify;
    this.allocator = allocator;
  }

  /** Begins another step; what was shown stays until it is replaced. */
  void begin() {
    batches.clear();
  }

  /** The micro-batches since {@link #begin}; the same list for each step. */
  List<SlotBatch> batches() {
    return batches;
  }

  /** Shows the cell of the step's next slot. */
  void show(BundleShare share, int piece, int bundleSlot, int bundleStep, int slot)
      throws IOException {
    if (windows.size() == batches.size()) {
      windows.add(new Window(new CellWindow(decoder, allocator)));
    }
    Window window = windows.get(batches.size());
    Run run = share.run(piece, bundleSlot);
    if (run instanceof WholeRun whole) {
      if (window.fetched.isPresent()) {
        window.letGo();
      }
      showPart(window, whole, share, piece, bundleSlot, bundleStep);
    } else {
      showFetched(window, run, share, piece, bundleSlot, bundleStep);
    }
    batches.add(window.batch(slot, run.directory().tokens(bundleStep)));
  }

  private void showPart(
      Window window, WholeRun run, BundleShare share, int piece, int slot, int step) {
    if (verify && run.checksum(step, crc) != run.directory().crc32c(step)) {
      throw new CellPlace(share.bundle().key(), piece, slot, step)
          .mismatch((int) crc.getValue(), run.directory().crc32c(step));
    }
    show(window, run.address(step), run, share, piece, slot, step);
  }

  /** What is fetched alone is kept as long as it is shown. */
  private void showFetched(Window window, Run run, BundleShare share, int piece, int slot, int step)
      throws IOException {
    window.letGo();
    ArrowBuf cell = run.cell(step);
    window.fetched = Optional.of(cell);
    if (verify) {
      CellPlace place = new CellPlace(share.bundle().key(), piece, slot, step);
      CellChecksum.verify(cell, run.directory().crc32c(step), crc, place);
    }
    show(window, cell.memoryAddress(), run, share, piece, slot, step);
  }

  private static void show(
      Window window, long address, Run run, BundleShare share, int piece, int slot, int step) {
    long length = run.directory().cellLength(step);
    int rows = run.directory().rows(step);
    if (!window.cells.move(address, length, rows)) {
      CellPlace place = new CellPlace(share.bundle().key(), piece, slot, step);
      window.cells.decode(address, length, rows, place);
    }
  }

  /** Shows nothing any more. */
  void clear() {
    batches.clear();
    windows.forEach(Window::letGo);
  }

  @Override
  public void close() {
    clear();
    windows.clear();
  }
}
