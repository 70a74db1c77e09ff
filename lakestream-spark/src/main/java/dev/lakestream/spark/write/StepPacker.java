// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.format.Limits;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Packs the slots of a task into steps, and steps into bundles. Slots that make no whole step stay
 * out of the bundles, since the bundle that is being formed must be complete.
 */
final class StepPacker implements AutoCloseable {
  private static final int MAX_BUNDLE_CELLS = 1 << 20;

  private final WritePlan plan;
  private final ObjectStore store;
  private final BufferAllocator allocator;
  private final BundleQueue queue = new BundleQueue();
  private final LooseCells loose;
  private final List<ObjectKey> keys = new ArrayList<>();
  private final List<VectorSchemaRoot> slots = new ArrayList<>();
  private final List<CellStats> slotStats = new ArrayList<>();
  private final List<CellStats> bundleSteps = new ArrayList<>();
  private Optional<BundleWriter> bundle = Optional.empty();

  StepPacker(WritePlan plan, ObjectStore store, BufferAllocator allocator) {
    this.plan = plan;
    this.store = store;
    this.allocator = allocator;
    this.loose = new LooseCells(plan, store, allocator);
  }

  /** Takes over the next slot, which has all its rows. */
  void add(VectorSchemaRoot slot) throws IOException {
    slots.add(slot);
    slotStats.add(plan.meter().measure(slot));
    if (slots.size() == plan.slots()) {
      completeStep();
    }
  }

  /** What the task leaves behind, all of it durable. */
  TaskReceipt finish(IpcRows rest) throws IOException {
    completeBundle();
    for (int slot = 0; slot < slotStats.size(); slot++) {
      loose.add(slots.remove(0), slotStats.get(slot));
    }
    List<LeftOverCell> cells = loose.finish();
    return new TaskReceipt(queue.finish(), cells, rest);
  }

  /** All objects that were begun; nobody else knows of them until the receipt is sent. */
  List<ObjectKey> keys() {
    List<ObjectKey> all = new ArrayList<>(keys);
    all.addAll(loose.keys());
    return all;
  }

  @Override
  public void close() throws IOException {
    queue.close();
    loose.close();
    slots.forEach(VectorSchemaRoot::close);
    slots.clear();
    if (bundle.isPresent()) {
      bundle.get().close();
      bundle = Optional.empty();
    }
  }

  private void completeStep() throws IOException {
    BundleWriter writer = bundle();
    for (int slot = 0; slot < plan.slots(); slot++) {
      writer.add(bundleSteps.size(), slot, slots.get(slot), slotStats.get(slot).tokens());
      slots.get(slot).close();
    }
    bundleSteps.add(CellStats.sum(slotStats));
    slots.clear();
    slotStats.clear();
    long cells = (long) bundleSteps.size() * plan.slots() * plan.pieces();
    if (writer.bufferedBytes() >= plan.bundleSize()
        || bundleSteps.size() == Limits.BUNDLE_STEPS
        || cells >= MAX_BUNDLE_CELLS) {
      completeBundle();
    }
  }

  private void completeBundle() throws IOException {
    if (bundle.isPresent()) {
      BundleWriter complete = bundle.get();
      bundle = Optional.empty();
      queue.submit(complete, List.copyOf(bundleSteps));
      bundleSteps.clear();
    }
  }

  private BundleWriter bundle() {
    if (bundle.isEmpty()) {
      ObjectKey key = plan.newBundleKey();
      keys.add(key);
      bundle = Optional.of(BundleWriter.create(store, key, plan.bundle(plan.slots()), allocator));
    }
    return bundle.get();
  }
}
