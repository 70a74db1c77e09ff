// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What the log says of a step is what the directories of its slots say, wherever they lie; written
 * from {@code docs/format.md} §4 alone.
 */
final class RecordChecker {
  private static final int ENTRY_BYTES = 32;
  private static final int ROWS_AT = 8;
  private static final int TOKENS_AT = 16;

  private final Log log;

  RecordChecker(Log log) {
    this.log = log;
  }

  void check(Truth.Step step) {
    long rows = 0;
    long tokens = 0;
    MessageDigest digest = sha256();
    for (Truth.Slot slot : step.slots()) {
      byte[] entry = entry(slot);
      ByteBuffer numbers = ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN);
      rows += numbers.getLong(ROWS_AT);
      tokens += numbers.getLong(TOKENS_AT);
      digest.update(sha256().digest(entry));
    }
    String hex = HexFormat.of().formatHex(digest.digest());
    if (rows != step.rows() || tokens != step.tokens() || !hex.equals(step.digest())) {
      throw new Violation(
          3, step + " has " + rows + " rows, " + tokens + " tokens and the digest " + hex);
    }
  }

  private byte[] entry(Truth.Slot slot) {
    byte[] content = log.birth(slot.bundle()).content();
    int end = slot.entryAt() + ENTRY_BYTES;
    if (end > content.length) {
      throw new Violation(3, slot + " is beyond the " + content.length + " bytes of its bundle");
    }
    return Arrays.copyOfRange(content, slot.entryAt(), end);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
