// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.bundle.BundleResult.BundleStep;
import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.parquet.HostileParquetCell;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.RunLayout;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Parquet bundles that whoever wrote them meant to be wrong: all checksums and digests fit. Each
 * has one slot and two steps, of which the second is the wrong one.
 */
public final class HostileParquetBundles {
  /** The schema of them all. */
  public static final StreamSchema SCHEMA =
      new StreamSchema(0, HostileParquetCell.COLUMNS, List.of(), Optional.empty());

  private static final Map<String, byte[]> CELLS = HostileParquetCell.all();
  private static final int START = 64;

  private HostileParquetBundles() {}

  /** What there is, by what is wrong. */
  public static List<String> names() {
    return List.copyOf(CELLS.keySet());
  }

  /** Writes one of them. Its last footer, which no reader of a stream needs, is left out. */
  public static BundleResult write(String name, ObjectStore store, ObjectKey key)
      throws IOException {
    List<byte[]> cells =
        List.of(HostileParquetCell.sound(), Objects.requireNonNull(CELLS.get(name)));
    byte[][] entries = cells.stream().map(HostileParquetBundles::entry).toArray(byte[][]::new);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(new byte[START]);
    ByteBuffer directory = RunDirectory.encode(StreamKeys.uuid(key).orElseThrow(), 0, 0, entries);
    content.writeBytes(bytes(directory));
    cells.forEach(content::writeBytes);
    store.putIfAbsent(key, content.toByteArray());
    return new BundleResult(
        new BundleDescriptor(
            key,
            content.size(),
            BundleFormat.PARQUET,
            SCHEMA.id(),
            entries.length,
            1,
            1,
            RunLayout.of(new long[] {START, content.size()})),
        List.of(step(entries[0]), step(entries[1])));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static BundleStep step(byte[] entry) {
    SlotSummary slot =
        new SlotSummary(HostileParquetCell.ROWS, 0, StepDigest.ofSlot(List.of(entry)));
    return BundleStep.of(List.of(slot));
  }

  private static byte[] entry(byte[] cell) {
    CRC32C crc = new CRC32C();
    crc.update(cell);
    return ByteBuffer.allocate(32)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(cell.length)
        .putLong(HostileParquetCell.ROWS)
        .putLong(0)
        .putInt((int) crc.getValue())
        .putInt(0)
        .array();
  }
}
