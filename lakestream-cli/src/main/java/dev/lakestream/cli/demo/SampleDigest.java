// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * The digest of a row's values as one rank should get them: SHA-256 over id, source, documents and
 * the rank's tokens, integers little-endian. The demo's ranks compute the same in Java and in
 * Python.
 */
final class SampleDigest {
  private static final int SHOWN = 32;

  private SampleDigest() {}

  static String of(long id, String source, ByteBuffer documents, ByteBuffer tokens) {
    MessageDigest digest = dev.lakestream.format.Digest.sha256();
    digest.update(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, id));
    digest.update(source.getBytes(StandardCharsets.UTF_8));
    digest.update(documents);
    digest.update(tokens);
    return HexFormat.of().formatHex(digest.digest()).substring(0, SHOWN);
  }

  /** What a rank should get of a sample. */
  static String of(Sample sample, Division division, int cpRank) {
    return of(
        sample.getId(),
        sample.getSource(),
        bytes(sample.getDocuments(), 0, sample.getDocuments().length),
        division.tokens(sample.getTokens(), cpRank));
  }

  private static ByteBuffer bytes(int[] values, int from, int to) {
    ByteBuffer bytes =
        ByteBuffer.allocate((to - from) * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = from; i < to; i++) {
      bytes.putInt(values[i]);
    }
    return bytes.flip();
  }

  /**
   * How the ranks of a phase divide a sequence. Written out here so that the proof has its own
   * opinion.
   */
  enum Division {
    WHOLE,
    ZIGZAG_OF_TWO;

    private ByteBuffer tokens(int[] tokens, int cpRank) {
      if (this == WHOLE) {
        return bytes(tokens, 0, tokens.length);
      }
      int chunk = tokens.length / 4;
      ByteBuffer first = bytes(tokens, cpRank * chunk, (cpRank + 1) * chunk);
      ByteBuffer second = bytes(tokens, (3 - cpRank) * chunk, (4 - cpRank) * chunk);
      return ByteBuffer.allocate(2 * chunk * Integer.BYTES).put(first).put(second).flip();
    }
  }
}
