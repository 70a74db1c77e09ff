// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.arrow.bundle.CellFile;
import dev.lakestream.arrow.bundle.CellPlace;
import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.error.UnsupportedFeatureException;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A cell as a file: its bytes as they are in the bundle, an Arrow cell between a schema and a
 * footer.
 *
 * <p>Keeps invariant 10: the cell is fetched whole when the first byte is wanted, and none is
 * handed out before its checksum has been verified.
 */
final class SlotContent implements Content {
  private final StreamView view;
  private final CellAddress address;
  private final CellFile frame;
  private final long cellLength;
  private Optional<Loaded> loaded = Optional.empty();

  /**
   * A verified cell.
   *
   * @param region that it is a part of
   */
  private record Loaded(Region region, ByteBuffer cell, ByteBuffer tail) {}

  SlotContent(StreamView view, CellAddress address, CellFile frame, long cellLength) {
    this.view = view;
    this.address = address;
    this.frame = frame;
    this.cellLength = cellLength;
  }

  @Override
  public long length() {
    return frame.length(cellLength);
  }

  @Override
  public void read(long position, ByteBuffer target) throws IOException {
    Loaded file = loaded();
    long start = copy(ByteBuffer.wrap(frame.head()), 0, position, target);
    start = copy(file.cell(), start, position, target);
    copy(file.tail(), start, position, target);
  }

  /**
   * Copies what of a part is wanted next; returns where the part ends.
   *
   * @param start of the part in the file
   * @param position of the first byte wanted when the target was empty
   */
  private static long copy(ByteBuffer part, long start, long position, ByteBuffer target) {
    long end = start + part.remaining();
    if (position < end && target.hasRemaining()) {
      int from = (int) Math.max(0, position - start);
      int count = Math.min(target.remaining(), part.remaining() - from);
      target.put(part.slice(part.position() + from, count));
    }
    return end;
  }

  @Override
  public void release() {
    loaded.ifPresent(file -> file.region().close());
    loaded = Optional.empty();
  }

  private Loaded loaded() throws IOException {
    if (loaded.isEmpty()) {
      loaded = Optional.of(view.read(address, this::load));
    }
    return loaded.get();
  }

  private Loaded load() throws IOException {
    boolean whole = address.bundle().steps() == 1;
    long offset = address.runStart();
    long wanted = address.runLength();
    Optional<RunDirectory> directory = Optional.empty();
    if (!whole) {
      RunDirectory read = CellLengthCache.directory(address);
      directory = Optional.of(read);
      offset += read.start(address.cell());
      wanted = read.cellLength(address.cell());
    }
    if (wanted > Integer.MAX_VALUE) {
      throw new UnsupportedFeatureException(
          place() + ": " + wanted + " bytes in one piece, this client reads 2 GiB at most");
    }
    Region region = address.store().read(address.bundle().key(), offset, (int) wanted);
    try {
      return verified(region, directory);
    } catch (RuntimeException e) {
      region.close();
      throw e;
    }
  }

  /** What was fetched, whole run or cell alone, once its directory says that it is intact. */
  private Loaded verified(Region region, Optional<RunDirectory> read) {
    ByteBuffer bytes = region.bytes();
    RunDirectory directory =
        read.orElseGet(
            () ->
                RunDirectory.decode(
                    bytes, address.bundle(), address.piece(), address.slot(), address.runLength()));
    ByteBuffer cell =
        read.isPresent()
            ? bytes.slice()
            : bytes.slice((int) directory.start(0), (int) directory.cellLength(0));
    cell.order(ByteOrder.LITTLE_ENDIAN);
    if (cell.remaining() != cellLength) {
      throw place()
          .corrupt(
              "its directory says "
                  + cell.remaining()
                  + " bytes, the footer of its bundle "
                  + cellLength);
    }
    CRC32C crc = new CRC32C();
    crc.update(cell.duplicate());
    if ((int) crc.getValue() != directory.crc32c(address.cell())) {
      throw place()
          .corrupt(
              String.format(
                  "its CRC32C is %08x, its directory says %08x",
                  crc.getValue(), directory.crc32c(address.cell())));
    }
    boolean arrow = address.bundle().format() == BundleFormat.ARROW;
    int metadataLength = arrow ? metadataLength(cell) : 0;
    ByteBuffer tail = ByteBuffer.wrap(frame.tail(metadataLength, cellLength));
    return new Loaded(region, cell, tail);
  }

  /** Bytes before the cell's body, with the prefix. */
  private int metadataLength(ByteBuffer cell) {
    int metadata = cell.getInt(Integer.BYTES);
    if (cell.getInt(0) != -1 || metadata < 0 || metadata > cell.remaining() - Long.BYTES) {
      throw place().corrupt("it is no encapsulated message");
    }
    return Long.BYTES + metadata;
  }

  private CellPlace place() {
    return new CellPlace(address.bundle().key(), address.piece(), address.slot(), address.cell());
  }
}
