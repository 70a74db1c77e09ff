// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.golden;

import dev.lakestream.format.Digest;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.testing.History;
import dev.lakestream.testing.Seals;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** The golden streams of packed refs: roots that name three leaves, and are damaged. */
final class GoldenIndexes {
  private static final SnapshotWriter.Shape LEAF_OF_EACH_COMMIT =
      new SnapshotWriter.Shape(1, 8, 4096, 8, 8);

  private final Map<String, GoldenStreams.Bad> bad = new LinkedHashMap<>();

  GoldenIndexes() throws IOException {
    add("index-refs-absent", refs -> new byte[0]);
    add("index-ref-torn", refs -> Arrays.copyOf(refs, refs.length - 1));
    add("index-ref-missing", refs -> Arrays.copyOf(refs, refs.length / 3 * 2));
    add("index-ref-too-high", refs -> with(refs, 0, 5));
    add("index-heights-rise", refs -> with(refs, refs.length / 3, 1));
    add("index-ends-at-other-tokens", refs -> with(refs, refs.length - 1, 3));
    add("index-number-too-long", GoldenIndexes::withLongNumber);
    addUnsaid("index-refs-cut-off", refs -> Arrays.copyOf(refs, refs.length / 3));
    addUnsaid("index-refs-flipped", refs -> with(refs, refs.length - 2, refs[refs.length - 2] ^ 1));
    addUnsaid("index-bytes-after-the-refs", refs -> Arrays.copyOf(refs, refs.length + 1));
  }

  Map<String, GoldenStreams.Bad> bad() {
    return bad;
  }

  /** Refs that are not what they should be, and the root says what they are. */
  private void add(String name, UnaryOperator<byte[]> damage) throws IOException {
    add(name, (root, refs) -> replaced(root, damage.apply(refs)));
  }

  /** The same, and the root says what they were. */
  private void addUnsaid(String name, UnaryOperator<byte[]> damage) throws IOException {
    add(name, (root, refs) -> Seals.followed(Seals.seal(Seals.unseal(root)), damage.apply(refs)));
  }

  private void add(String name, BinaryOperator<byte[]> damage) throws IOException {
    History history = GoldenStreams.oneCommit(500 + bad.size());
    history.commit("tok", 2);
    history.commit("tok", 2);
    long version = history.snapshot(LEAF_OF_EACH_COMMIT, Optional.empty()).state().version();
    history.removeBelow(version);
    String key = StreamKeys.snapshot(version).value();
    byte[] root = history.store().contents().get(key);
    byte[] refs = Seals.rest(root);
    if (refs.length % 3 != 0) {
      throw new IllegalStateException("three refs of equal length are wanted");
    }
    history.store().damage(key, damage.apply(root, refs));
    bad.put(
        name,
        new GoldenStreams.Bad(
            history.store(),
            new GoldenStreams.Failure(Optional.of("snapshots"), "corrupt", "open", "")));
  }

  private static byte[] with(byte[] refs, int at, int value) {
    refs[at] = (byte) value;
    return refs;
  }

  /** The last number goes on, with zeros that change nothing. */
  private static byte[] withLongNumber(byte[] refs) {
    byte[] longer = Arrays.copyOf(refs, refs.length + 8);
    for (int i = refs.length - 1; i < longer.length - 1; i++) {
      longer[i] |= (byte) 0x80;
    }
    return longer;
  }

  /** A root that names other content than before, in a packed ref or in one that is JSON. */
  static byte[] naming(byte[] changed, byte[] former, byte[] root) {
    String refs =
        HexFormat.of()
            .formatHex(Seals.rest(root))
            .replace(
                number(former.length) + Digest.of(former).hex(),
                number(changed.length) + Digest.of(changed).hex());
    return Seals.changed(
        replaced(root, HexFormat.of().parseHex(refs)),
        body ->
            body.replace(
                "\"bytes\":" + former.length + ",\"sha256\":\"" + Digest.of(former).hex(),
                "\"bytes\":" + changed.length + ",\"sha256\":\"" + Digest.of(changed).hex()));
  }

  /** A node whose first child is as high as the node. */
  static byte[] withHigherChild(byte[] node) {
    byte[] refs = Seals.rest(node);
    return refs.length == 0 ? node : replaced(node, with(refs, 0, 1));
  }

  /** A number of 8 to 14 bits, packed, in hex. */
  private static String number(int number) {
    return HexFormat.of().toHexDigits((byte) (number | 0x80))
        + HexFormat.of().toHexDigits((byte) (number >> 7));
  }

  /** A root that other refs follow, of which it knows. */
  private static byte[] replaced(byte[] root, byte[] refs) {
    String body = Seals.unseal(root).replace(described(Seals.rest(root)), described(refs));
    return Seals.followed(Seals.seal(body), refs);
  }

  private static String described(byte[] refs) {
    return "\"refs\":{\"bytes\":" + refs.length + ",\"crc32c\":\"" + Seals.crc32c(refs) + "\"}";
  }
}
