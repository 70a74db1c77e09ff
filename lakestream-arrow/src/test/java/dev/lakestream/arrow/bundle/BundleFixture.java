// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.RandomRows;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** A directory, an allocator that finds leaks when it is closed, and bundles of random rows. */
final class BundleFixture implements AutoCloseable {
  final Path directory;
  final LocalObjectStore store;
  final BufferAllocator allocator = new RootAllocator();
  final ObjectKey key = StreamKeys.bundle("tests", 1, UUID.randomUUID());

  BundleFixture(Path directory) {
    this.directory = directory;
    this.store = LocalObjectStore.at(directory, LocalObjectStore.Durability.PROCESS);
  }

  Path file() {
    return directory.resolve(key.value());
  }

  /** The rows of a slot: always the same for the same place. */
  VectorSchemaRoot rows(StreamSchema schema, int step, int slot) {
    int rows = (step * 31 + slot * 17) % 7;
    return new RandomRows(step * 1000L + slot, allocator).rows(schema.fields(), rows);
  }

  /** Writes a bundle of random rows; the slots come in descending order. */
  BundleResult write(StreamSchema schema, int steps, int slots, int pieces) throws IOException {
    BundleSpec spec = BundleSpec.of(schema, slots, pieces);
    try (BundleWriter writer = BundleWriter.create(store, key, spec, allocator)) {
      for (int slot = slots - 1; slot >= 0; slot--) {
        for (int step = 0; step < steps; step++) {
          try (VectorSchemaRoot rows = rows(schema, step, slot)) {
            writer.add(step, slot, rows, step + 10L * slot);
          }
        }
      }
      return writer.finish();
    }
  }

  @Override
  public void close() {
    allocator.close();
  }
}
