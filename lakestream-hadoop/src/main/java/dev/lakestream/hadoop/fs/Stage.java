// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The slot files of one stage: all slots of a step, each once, and nothing else but what Hadoop
 * hides ({@code _…}, {@code .…}). Not trusted: what does not fit is refused before anything is
 * committed.
 */
final class Stage {
  private static final int NAMED_MISSING = 8;

  private final ObjectStore store;
  private final String name;
  private final List<ObjectInfo> slots;

  private Stage(ObjectStore store, String name, List<ObjectInfo> slots) {
    this.store = store;
    this.name = name;
    this.slots = slots;
  }

  /**
   * Lists a stage.
   *
   * @param wanted slots of the step
   * @throws InvalidRequestException if its files are not those of a step
   */
  static Stage list(ObjectStore store, String name, int wanted) throws IOException {
    Map<Integer, ObjectInfo> found = new TreeMap<>();
    ObjectKey folder = StageKeys.key(List.of(name));
    for (ObjectInfo info : store.list(folder, Optional.empty())) {
      String below = info.key().value().substring(folder.value().length() + 1);
      String file = StageKeys.decode(below);
      if (StageKeys.isMark(below) || file.startsWith("_") || file.startsWith(".")) {
        continue;
      }
      int slot = slot(name, file, below.contains("/"), wanted);
      if (found.put(slot, info) != null) {
        throw refused(name, "it has two files of slot " + slot);
      }
    }
    requireAll(name, found, wanted);
    return new Stage(store, name, List.copyOf(found.values()));
  }

  private static int slot(String name, String file, boolean deeper, int wanted) {
    Optional<SlotName> slot =
        deeper
            ? Optional.empty()
            : SlotName.parse(file).filter(found -> found.format() == BundleFormat.ARROW);
    if (slot.isEmpty() || file.contains("-piece-")) {
      throw refused(
          name,
          "'"
              + file
              + "' is no file of a whole slot: slot-0000.arrow, slot-0001.arrow, … are wanted");
    }
    if (slot.get().slot() >= wanted) {
      throw refused(name, "'" + file + "' is one too many: the stream has " + wanted + " slots");
    }
    return slot.get().slot();
  }

  private static void requireAll(String name, Map<Integer, ObjectInfo> found, int wanted) {
    if (found.size() < wanted) {
      List<String> missing =
          IntStream.range(0, wanted)
              .filter(slot -> !found.containsKey(slot))
              .limit(NAMED_MISSING)
              .mapToObj(String::valueOf)
              .toList();
      throw refused(
          name,
          "it lacks "
              + (wanted - found.size())
              + " of "
              + wanted
              + " slots: "
              + String.join(", ", missing)
              + (wanted - found.size() > NAMED_MISSING ? ", …" : "")
              + "; an empty slot is a file without rows");
    }
  }

  private static InvalidRequestException refused(String name, String what) {
    return new InvalidRequestException("staging/" + name + " is no step: " + what);
  }

  /** How many slots it has. */
  int slots() {
    return slots.size();
  }

  /** What a slot's file is called in errors. */
  String where(int slot) {
    return slots.get(slot).key().value();
  }

  /** The bytes of a slot's file; the caller closes them. */
  Region read(int slot) throws IOException {
    ObjectInfo info = slots.get(slot);
    if (info.size() > Integer.MAX_VALUE) {
      throw refused(
          name, info.key().name() + " has " + info.size() + " bytes, a slot has 2 GiB at most");
    }
    return store.read(info.key(), 0, (int) info.size());
  }

  /** The digest of the whole stage. */
  String digest() throws IOException {
    Digester digester = new Digester();
    for (int slot = 0; slot < slots.size(); slot++) {
      try (Region region = read(slot)) {
        digester.add(slot, region.bytes());
      }
    }
    return digester.finish();
  }

  /** Computes the digest of a stage, slot after slot ({@code docs/format.md} §15). */
  static final class Digester {
    private final MessageDigest all = sha256();

    void add(int slot, ByteBuffer file) {
      MessageDigest one = sha256();
      one.update(file.duplicate());
      all.update(
          ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
              .putInt(slot)
              .putLong(file.remaining())
              .flip());
      all.update(one.digest());
    }

    String finish() {
      return HexFormat.of().formatHex(all.digest());
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JVM has SHA-256", e);
      }
    }
  }

  /** All objects of a stage, marks included. */
  static List<ObjectKey> objects(ObjectStore store, String name) throws IOException {
    List<ObjectKey> keys = new ArrayList<>();
    store
        .list(StageKeys.key(List.of(name)), Optional.empty())
        .forEach(info -> keys.add(info.key()));
    return keys;
  }
}
