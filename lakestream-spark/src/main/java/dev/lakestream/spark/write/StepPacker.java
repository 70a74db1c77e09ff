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
 * out of the bundles, since the bundle that is being formed must be complete. A step that is larger
 * than a bundle is to be is not held: it is written as it comes.
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
  private Optional<LargeStep> large = Optional.empty();
  private long heldBytes;
  private UploadMeter streamed = UploadMeter.NOTHING;

  /** Whether the step before this one was too large to be held; then this one is, too. */
  private boolean stepsAreLarge;

  StepPacker(WritePlan plan, ObjectStore store, BufferAllocator allocator) {
    this.plan = plan;
    this.store = store;
    this.allocator = allocator;
    this.loose = new LooseCells(plan, store, allocator);
  }

  /** Takes over the next slot, which has all its rows. */
  void add(VectorSchemaRoot slot) throws IOException {
    CellStats stats = plan.meter().measure(slot);
    slotStats.add(stats);
    if (stepsAreLarge && large.isEmpty()) {
      beginLarge();
    }
    if (large.isPresent()) {
      large.get().add(slot, stats);
    } else {
      slots.add(slot);
      heldBytes += LooseCells.bytes(slot);
    }
    if (slotStats.size() == plan.slots()) {
      completeStep();
    } else if (large.isEmpty() && heldBytes > plan.bundleSize()) {
      beginLarge();
    }
  }

  /** Lets the next step begin another bundle. */
  void endBundle() throws IOException {
    if (bundle.isPresent()) {
      BundleWriter complete = bundle.get();
      bundle = Optional.empty();
      queue.submit(complete, List.copyOf(bundleSteps));
      bundleSteps.clear();
    }
  }

  /** The whole steps in order, durable. */
  List<TaskSteps> finishSteps() throws IOException {
    endBundle();
    return queue.finish();
  }

  /** The slots that make no whole step, durable; the next slot begins a step. */
  List<LeftOverCell> finishRest() throws IOException {
    List<LeftOverCell> cells;
    if (large.isPresent()) {
      cells = large.get().part();
      endLarge();
    } else {
      for (int slot = 0; slot < slotStats.size(); slot++) {
        loose.add(slots.remove(0), slotStats.get(slot));
      }
      cells = loose.finish();
    }
    slotStats.clear();
    return cells;
  }

  /** All objects that were begun; nobody else knows of them until the receipt is sent. */
  List<ObjectKey> keys() {
    List<ObjectKey> all = new ArrayList<>(keys);
    all.addAll(loose.keys());
    large.ifPresent(step -> all.addAll(step.keys()));
    return all;
  }

  /** What is durable, and how long that took; streamed steps take no time of their own. */
  UploadMeter uploaded() {
    return queue.uploaded().plus(loose.uploaded()).plus(streamed);
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
    if (large.isPresent()) {
      keys.addAll(large.get().keys());
      large.get().close();
      large = Optional.empty();
    }
  }

  private void completeStep() throws IOException {
    if (large.isPresent()) {
      queue.add(large.get().whole());
      endLarge();
    } else {
      stepsAreLarge = heldBytes > plan.bundleSize() && plan.slots() > 1;
      addToBundle();
    }
    slotStats.clear();
  }

  private void addToBundle() throws IOException {
    BundleWriter writer = bundle();
    for (int slot = 0; slot < plan.slots(); slot++) {
      writer.add(bundleSteps.size(), slot, slots.get(slot), slotStats.get(slot).tokens());
      slots.get(slot).close();
    }
    bundleSteps.add(CellStats.sum(slotStats));
    slots.clear();
    heldBytes = 0;
    long cells = (long) bundleSteps.size() * plan.slots() * plan.pieces();
    if (writer.bufferedBytes() >= plan.bundleSize()
        || bundleSteps.size() == Limits.BUNDLE_STEPS
        || cells >= MAX_BUNDLE_CELLS) {
      endBundle();
    }
  }

  private void beginLarge() throws IOException {
    endBundle();
    LargeStep begun =
        plan.pieces() == 1
            ? new StreamedStep(plan, store, allocator)
            : new ChunkedStep(plan, store, allocator);
    large = Optional.of(begun);
    for (int slot = 0; !slots.isEmpty(); slot++) {
      begun.add(slots.remove(0), slotStats.get(slot));
    }
    heldBytes = 0;
  }

  private void endLarge() throws IOException {
    LargeStep ended = large.orElseThrow();
    stepsAreLarge = true;
    streamed = streamed.plus(ended.uploaded());
    keys.addAll(ended.keys());
    large = Optional.empty();
    ended.close();
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
