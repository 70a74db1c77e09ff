// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.format.Limits;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Slots that belong to no whole step, written to bundles of one step. As many slots as there are,
 * so that the driver can compose steps of slots of several such bundles.
 */
final class LooseCells implements AutoCloseable {
  private final WritePlan plan;
  private final ObjectStore store;
  private final BufferAllocator allocator;
  private final List<VectorSchemaRoot> held = new ArrayList<>();
  private final List<CellStats> stats = new ArrayList<>();
  private final List<LeftOverCell> written = new ArrayList<>();
  private final List<ObjectKey> keys = new ArrayList<>();
  private long heldBytes;
  private UploadMeter uploaded = UploadMeter.NOTHING;

  LooseCells(WritePlan plan, ObjectStore store, BufferAllocator allocator) {
    this.plan = plan;
    this.store = store;
    this.allocator = allocator;
  }

  /** Takes a slot over; it may be written now or later. */
  void add(VectorSchemaRoot cell, CellStats cellStats) throws IOException {
    held.add(cell);
    stats.add(cellStats);
    heldBytes += bytes(cell);
    if (heldBytes >= plan.bundleSize() || (long) held.size() * plan.pieces() >= Limits.SLOTS) {
      flush();
    }
  }

  /** All slots since the last call in the order in which they came, durable. */
  List<LeftOverCell> finish() throws IOException {
    flush();
    List<LeftOverCell> finished = List.copyOf(written);
    written.clear();
    return finished;
  }

  /** The bundles that were begun, whether or not they were finished. */
  List<ObjectKey> keys() {
    return keys;
  }

  /** What is durable, and how long that took. */
  UploadMeter uploaded() {
    return uploaded;
  }

  @Override
  public void close() {
    held.forEach(VectorSchemaRoot::close);
    held.clear();
    stats.clear();
    heldBytes = 0;
  }

  private void flush() throws IOException {
    if (held.isEmpty()) {
      return;
    }
    long began = System.nanoTime();
    ObjectKey key = plan.newBundleKey();
    keys.add(key);
    try (BundleWriter writer =
        BundleWriter.create(store, key, plan.bundle(held.size()), allocator)) {
      for (int slot = 0; slot < held.size(); slot++) {
        writer.add(0, slot, held.get(slot), stats.get(slot).tokens());
      }
      BundleResult result = writer.finish();
      long nanos = System.nanoTime() - began;
      uploaded = uploaded.plus(new UploadMeter(result.descriptor().bytes(), nanos));
      List<SlotSummary> slots = result.steps().get(0).slots();
      for (int slot = 0; slot < held.size(); slot++) {
        written.add(
            new LeftOverCell(result.descriptor(), slot, slots.get(slot).digest(), stats.get(slot)));
      }
    }
    close();
  }

  /** What a slot takes in memory. */
  static long bytes(VectorSchemaRoot cell) {
    return cell.getFieldVectors().stream().mapToLong(vector -> vector.getBufferSize()).sum();
  }
}
