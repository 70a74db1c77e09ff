// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.arrow.bundle.CellPlace;
import dev.lakestream.arrow.bundle.CellReader;
import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Cells of a Parquet bundle of which only some columns are wanted: of each cell its footer and
 * their chunks are fetched, when it is asked for.
 */
final class SparsePiece implements PieceCells {
  /** Smaller cells are fetched whole: that takes less time than the requests would. */
  private static final long LEAST_CELL_BYTES = 1 << 20;

  private final ObjectStore store;
  private final SlotRange range;
  private final int piece;
  private final CellReader reader;
  private final BufferAllocator allocator;
  private final Map<Integer, RunDirectory> directories = new HashMap<>();
  private int requests;
  private long bytes;

  SparsePiece(
      ObjectStore store, SlotRange range, int piece, CellReader reader, BufferAllocator allocator) {
    this.store = store;
    this.range = range;
    this.piece = piece;
    this.reader = reader;
    this.allocator = allocator;
  }

  /** Whether it is worth it where so many of a bundle's columns are wanted. */
  static boolean pays(SlotRange range, int wanted, int columns) {
    BundleDescriptor bundle = range.bundle();
    long cells = (long) range.count() * bundle.steps();
    return bundle.format() == BundleFormat.PARQUET
        && wanted < columns
        && range.bytes(0) / cells >= LEAST_CELL_BYTES;
  }

  @Override
  public RunDirectory directory(int slot) throws IOException {
    RunDirectory known = directories.get(slot);
    if (known == null) {
      BundleDescriptor bundle = range.bundle();
      int run = bundle.run(piece, slot);
      long start = bundle.runs().start(run);
      long length = bundle.runs().start(run + 1) - start;
      try (Region region = fetch(start, Math.min(length, RunDirectory.length(bundle.steps())))) {
        known = RunDirectory.decode(region.bytes(), bundle, piece, slot, length);
      }
      directories.put(slot, known);
    }
    return known;
  }

  @Override
  public VectorSchemaRoot rows(int slot, int bundleStep) throws IOException {
    BundleDescriptor bundle = range.bundle();
    RunDirectory directory = directory(slot);
    long start = bundle.runs().start(bundle.run(piece, slot)) + directory.start(bundleStep);
    return reader.readColumns(
        directory,
        bundleStep,
        (offset, length) -> read(start + offset, length),
        new CellPlace(bundle.key(), piece, slot, bundleStep));
  }

  @Override
  public int requests() {
    return requests;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {}

  private ArrowBuf read(long offset, long length) throws IOException {
    return RegionMemory.wrap(fetch(offset, length), allocator);
  }

  private Region fetch(long offset, long length) throws IOException {
    requests++;
    bytes += length;
    return store.read(range.bundle().key(), offset, Math.toIntExact(length));
  }
}
