// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The micro-batches of a rank that serve one step after another, that of its <i>n</i>th slot always
 * the same. Nothing is allocated for a step, once there is room for what steps have.
 *
 * <p>Must: what is shown is taken away before the memory under it is, by {@link #clear()}.
 */
final class SlotWindows implements AutoCloseable {
  private final SlotAssembly assembly;
  private final boolean verify;
  private final BufferAllocator allocator;
  private final List<SlotWindow> windows = new ArrayList<>();
  private final List<SlotBatch> batches = new ArrayList<>();

  SlotWindows(SlotAssembly assembly, boolean verify, BufferAllocator allocator) {
    this.assembly = assembly;
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

  /** Shows the cells of the step's next slot. */
  void show(BundleShare share, int bundleSlot, int bundleStep, int slot) throws IOException {
    if (windows.size() == batches.size()) {
      windows.add(new SlotWindow(assembly, verify, allocator));
    }
    SlotWindow window = windows.get(batches.size());
    window.show(share, bundleSlot, bundleStep, slot);
    batches.add(window);
  }

  /** Shows nothing any more. */
  void clear() {
    batches.clear();
    windows.forEach(SlotWindow::clear);
  }

  @Override
  public void close() {
    batches.clear();
    windows.forEach(SlotWindow::close);
    windows.clear();
  }
}
