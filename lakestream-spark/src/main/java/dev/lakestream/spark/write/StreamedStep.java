// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** A bundle of its own, of as many slots as come: one slot is in memory, and what is uploaded. */
final class StreamedStep implements LargeStep {
  private final ObjectKey key;
  private final BundleWriter writer;
  private final List<CellStats> stats = new ArrayList<>();
  private long nanos;
  private UploadMeter uploaded = UploadMeter.NOTHING;

  StreamedStep(WritePlan plan, ObjectStore store, BufferAllocator allocator) {
    this.key = plan.newBundleKey();
    this.writer = BundleWriter.create(store, key, plan.streamedBundle(), allocator);
  }

  @Override
  public void add(VectorSchemaRoot slot, CellStats slotStats) throws IOException {
    long began = System.nanoTime();
    try (slot) {
      writer.add(0, stats.size(), slot, slotStats.tokens());
    }
    stats.add(slotStats);
    nanos += System.nanoTime() - began;
  }

  @Override
  public TaskSteps whole() throws IOException {
    BundleResult result = measured(writer::finish);
    return new WholeBundle(
        result.descriptor(),
        List.of(CellStats.sum(stats).asRecord(result.steps().get(0).digest())));
  }

  @Override
  public List<LeftOverCell> part() throws IOException {
    BundleResult result = measured(writer::finishEarly);
    List<SlotSummary> slots = result.steps().get(0).slots();
    List<LeftOverCell> cells = new ArrayList<>();
    for (int slot = 0; slot < slots.size(); slot++) {
      cells.add(
          new LeftOverCell(result.descriptor(), slot, slots.get(slot).digest(), stats.get(slot)));
    }
    return cells;
  }

  @Override
  public List<ObjectKey> keys() {
    return List.of(key);
  }

  @Override
  public UploadMeter uploaded() {
    return uploaded;
  }

  private interface Finish {
    BundleResult finish() throws IOException;
  }

  private BundleResult measured(Finish finish) throws IOException {
    long began = System.nanoTime();
    BundleResult result = finish.finish();
    nanos += System.nanoTime() - began;
    uploaded = new UploadMeter(result.descriptor().bytes(), nanos);
    return result;
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
