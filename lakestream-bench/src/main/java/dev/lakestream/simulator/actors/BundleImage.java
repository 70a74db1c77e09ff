// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.format.Digest;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.RunLayout;
import dev.lakestream.log.StepRecord;
import dev.lakestream.simulator.checker.RowRange;
import dev.lakestream.store.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * A bundle of a simulated world: it begins with the range of its rows, and its runs have the
 * directories of {@code docs/format.md} §4.1, since repeats of slots read them. Its cells are no
 * Arrow data but a line of text each, which is all that the protocol cares for.
 */
final class BundleImage {
  static final int SLOTS = 2;

  private static final int HEAD_BYTES = 64;
  private static final int CELL_BYTES = 64;
  private static final int ENTRY_BYTES = 32;
  private static final int CRC_AT = 28;
  private static final int MAGIC = 0x4452534C;
  private static final long TOKENS_OF_A_ROW = 10;

  private final ObjectKey key;
  private final List<RowRange> steps;

  /**
   * A bundle.
   *
   * @param steps the rows of each step, which join
   */
  BundleImage(ObjectKey key, List<RowRange> steps) {
    this.key = key;
    this.steps = List.copyOf(steps);
  }

  ObjectKey key() {
    return key;
  }

  /** All of its rows. */
  RowRange rows() {
    RowRange first = steps.get(0);
    return new RowRange(first.source(), first.from(), steps.get(steps.size() - 1).to());
  }

  BundleDescriptor descriptor() {
    return new BundleDescriptor(
        key,
        HEAD_BYTES + runBytes() * SLOTS,
        BundleFormat.ARROW,
        0,
        steps.size(),
        SLOTS,
        1,
        new RunLayout.Strided(HEAD_BYTES, runBytes(), SLOTS));
  }

  /** What the log is to say of one of its steps. */
  StepRecord record(int step) {
    return asRecord(steps.get(step), slotDigests(step));
  }

  /** What the log is to say of a step that has the first steps of bundles beside each other. */
  static StepRecord record(RowRange rows, List<BundleImage> bundles) {
    List<Digest> digests = new ArrayList<>();
    bundles.forEach(bundle -> digests.addAll(bundle.slotDigests(0)));
    return asRecord(rows, digests);
  }

  private static StepRecord asRecord(RowRange rows, List<Digest> slotDigests) {
    return new StepRecord(
        rows.rows(),
        rows.rows() * TOKENS_OF_A_ROW,
        StepRecord.UNSAID,
        StepDigest.of(slotDigests),
        Map.of(),
        List.of(rows.toString()),
        Map.of());
  }

  private List<Digest> slotDigests(int step) {
    List<Digest> digests = new ArrayList<>();
    for (int slot = 0; slot < SLOTS; slot++) {
      digests.add(StepDigest.ofSlot(List.of(entry(step, slot))));
    }
    return digests;
  }

  byte[] bytes() {
    ByteBuffer all = ByteBuffer.allocate((int) (HEAD_BYTES + runBytes() * SLOTS));
    all.put(line(rows().toString()));
    for (int slot = 0; slot < SLOTS; slot++) {
      all.put(directory(slot));
      for (int step = 0; step < steps.size(); step++) {
        all.put(cell(step, slot));
      }
    }
    return all.array();
  }

  private byte[] directory(int slot) {
    ByteBuffer directory = ByteBuffer.allocate(directoryBytes()).order(ByteOrder.LITTLE_ENDIAN);
    UUID uuid = StreamKeys.uuid(key).orElseThrow();
    directory.putInt(MAGIC).putInt(steps.size()).putInt(0).putInt(slot);
    directory.putLong(Long.reverseBytes(uuid.getMostSignificantBits())).putLong(0);
    for (int step = 0; step < steps.size(); step++) {
      directory.put(entry(step, slot));
    }
    return directory.putInt(CRC_AT, crc32c(directory.array(), directory.position())).array();
  }

  private byte[] entry(int step, int slot) {
    long rows = rowsOf(slot + 1, step) - rowsOf(slot, step);
    return ByteBuffer.allocate(ENTRY_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(CELL_BYTES)
        .putLong(rows)
        .putLong(rows * TOKENS_OF_A_ROW)
        .putInt(crc32c(cell(step, slot), CELL_BYTES))
        .putInt(0)
        .array();
  }

  /** How many rows of a step come before those of a slot. */
  private long rowsOf(int slot, int step) {
    return slot * steps.get(step).rows() / SLOTS;
  }

  private byte[] cell(int step, int slot) {
    return line(steps.get(step) + " slot " + slot);
  }

  private static byte[] line(String text) {
    byte[] line = Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), CELL_BYTES);
    Arrays.fill(line, text.length(), CELL_BYTES, (byte) ' ');
    return line;
  }

  private long runBytes() {
    return directoryBytes() + (long) CELL_BYTES * steps.size();
  }

  private int directoryBytes() {
    int bytes = ENTRY_BYTES * (1 + steps.size());
    return (bytes + CELL_BYTES - 1) / CELL_BYTES * CELL_BYTES;
  }

  private static int crc32c(byte[] content, int length) {
    CRC32C crc = new CRC32C();
    crc.update(content, 0, length);
    return (int) crc.getValue();
  }
}
