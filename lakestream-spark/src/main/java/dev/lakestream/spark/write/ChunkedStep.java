// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Several bundles, each of so many slots as fill one. For steps of several pieces, which a bundle
 * can't have one after the other before it has all slots.
 */
final class ChunkedStep implements LargeStep {
  private final LooseCells cells;

  ChunkedStep(WritePlan plan, ObjectStore store, BufferAllocator allocator) {
    this.cells = new LooseCells(plan, store, allocator);
  }

  @Override
  public void add(VectorSchemaRoot slot, CellStats stats) throws IOException {
    cells.add(slot, stats);
  }

  @Override
  public TaskSteps whole() throws IOException {
    return new ComposedStep(cells.finish());
  }

  @Override
  public List<LeftOverCell> part() throws IOException {
    return cells.finish();
  }

  @Override
  public List<ObjectKey> keys() {
    return cells.keys();
  }

  @Override
  public UploadMeter uploaded() {
    return cells.uploaded();
  }

  @Override
  public void close() {
    cells.close();
  }
}
