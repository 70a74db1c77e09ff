// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.arrow.bundle.CellPlace;
import dev.lakestream.arrow.bundle.CellReader;
import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** All runs of a piece, fetched as one range. */
final class WholePiece implements PieceCells {
  private final SlotRange range;
  private final int piece;
  private final CellReader reader;
  private final ArrowBuf bytes;

  /** By slot: one serves for the cells of all steps. */
  private final Map<Integer, RunDirectory> directories = new HashMap<>();

  WholePiece(
      ObjectStore store, SlotRange range, int piece, CellReader reader, BufferAllocator allocator)
      throws IOException {
    this.range = range;
    this.piece = piece;
    this.reader = reader;
    this.bytes = fetch(store, allocator);
  }

  @Override
  public RunDirectory directory(int slot) {
    return directories.computeIfAbsent(slot, this::decodeDirectory);
  }

  private RunDirectory decodeDirectory(int slot) {
    ArrowBuf run = run(slot);
    long length = run.capacity();
    return RunDirectory.decode(
        run.nioBuffer(0, (int) Math.min(length, RunDirectory.length(range.bundle().steps()))),
        range.bundle(),
        piece,
        slot,
        length);
  }

  @Override
  public VectorSchemaRoot rows(int slot, int bundleStep) {
    RunDirectory directory = directory(slot);
    BundleDescriptor bundle = range.bundle();
    CellPlace place = new CellPlace(bundle.key(), piece, slot, bundleStep);
    ArrowBuf cell = run(slot).slice(directory.start(bundleStep), directory.cellLength(bundleStep));
    check(cell, directory.crc32c(bundleStep), place);
    return reader.read(bundle.format(), cell, directory.rows(bundleStep), place);
  }

  @Override
  public int requests() {
    return 1;
  }

  @Override
  public long bytes() {
    return bytes.capacity();
  }

  @Override
  public void close() {
    bytes.close();
  }

  private ArrowBuf run(int slot) {
    BundleDescriptor bundle = range.bundle();
    int run = bundle.run(piece, slot);
    long start = bundle.runs().start(run) - bundle.runs().start(bundle.run(piece, range.slot()));
    long length = bundle.runs().start(run + 1) - bundle.runs().start(run);
    return bytes.slice(start, length);
  }

  private static void check(ArrowBuf cell, int wanted, CellPlace place) {
    CRC32C crc = new CRC32C();
    ByteBuffer bytes = cell.nioBuffer(0, (int) cell.capacity());
    crc.update(bytes);
    if ((int) crc.getValue() != wanted) {
      throw place.corrupt(
          String.format("its CRC32C is %08x, the directory says %08x", crc.getValue(), wanted));
    }
  }

  private ArrowBuf fetch(ObjectStore store, BufferAllocator allocator) throws IOException {
    BundleDescriptor bundle = range.bundle();
    long length = range.bytes(piece);
    if (length > Integer.MAX_VALUE) {
      throw new InvalidRequestException(
          "a slot of "
              + bundle.key()
              + " has "
              + length
              + " bytes: Spark reads at most 2 GiB of one; write it with more slots or a smaller"
              + " bundleSize");
    }
    long start = bundle.runs().start(bundle.run(piece, range.slot()));
    return RegionMemory.wrap(store.read(bundle.key(), start, (int) length), allocator);
  }
}
