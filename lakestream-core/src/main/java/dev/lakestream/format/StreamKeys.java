// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

import dev.lakestream.store.ObjectKey;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the objects of a stream are ({@code docs/format.md} §2). */
public final class StreamKeys {
  public static final ObjectKey STREAM = ObjectKey.of("stream.json");
  public static final ObjectKey HINT = ObjectKey.of("hint.json");
  public static final ObjectKey LOG = ObjectKey.of("log");
  public static final ObjectKey SNAPSHOTS = ObjectKey.of("snapshots");
  public static final ObjectKey SEGMENTS = ObjectKey.of("segments");
  public static final ObjectKey HORIZON = ObjectKey.of("horizon");
  public static final ObjectKey DATA = ObjectKey.of("data");
  public static final ObjectKey PINS = ObjectKey.of("pins");
  public static final ObjectKey PROGRESS = ObjectKey.of("progress");
  public static final ObjectKey FORKS = ObjectKey.of("forks");
  public static final ObjectKey STAGING = ObjectKey.of("staging");
  public static final ObjectKey CLOCK = ObjectKey.of("clock.json");

  private static final int VERSION_DIGITS = 20;
  private static final String JSON = ".json";
  private static final Pattern SEGMENT =
      Pattern.compile(
          "segments/(\\d{20})/"
              + "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\\.json");
  private static final Pattern PIN =
      Pattern.compile(
          "pins/([^/]+)/([^/]+)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\.json");

  private StreamKeys() {}

  /** The entry of a version. */
  public static ObjectKey entry(long version) {
    return versioned(LOG, version);
  }

  /** The root of a snapshot. */
  public static ObjectKey snapshot(long version) {
    return versioned(SNAPSHOTS, version);
  }

  /** A mark of the horizon. */
  public static ObjectKey horizon(long version) {
    return versioned(HORIZON, version);
  }

  /** A segment of a snapshot. */
  public static ObjectKey segment(long version, UUID uuid) {
    return ObjectKey.of(SEGMENTS + "/" + padded(version) + "/" + uuid + JSON);
  }

  /** A bundle of a producer's session, an Arrow file. */
  public static ObjectKey bundle(String producer, long epoch, UUID uuid) {
    return owned(producer, epoch, uuid, "arrow");
  }

  /** A bundle of a producer's session, a file of the format that the log calls so. */
  public static ObjectKey bundle(String producer, long epoch, UUID uuid, String format) {
    return owned(producer, epoch, uuid, format);
  }

  /** A segment that a producer's commit names. */
  public static ObjectKey commitSegment(String producer, long epoch, UUID uuid) {
    return owned(producer, epoch, uuid, "json");
  }

  /** A pin of a job's checkpoint. */
  public static ObjectKey pin(String job, String checkpoint, UUID uuid) {
    return ObjectKey.of(pins(job) + "/" + checkpoint + "-" + uuid + ".json");
  }

  /** The pins of a job. */
  public static ObjectKey pins(String job) {
    return ObjectKey.of(PINS + "/" + job);
  }

  /** What a pin is for. */
  public record Pinned(String job, String checkpoint) {}

  /** What the key of a pin says that it is for; empty for a foreign object. */
  public static Optional<Pinned> pinned(ObjectKey key) {
    Matcher matcher = PIN.matcher(key.value());
    return matcher.matches()
        ? Optional.of(new Pinned(matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  /** The heartbeat of a reading job. */
  public static ObjectKey progress(String job) {
    return ObjectKey.of(PROGRESS + "/" + job + ".json");
  }

  /** The version that a segment of a snapshot was written for; empty for a foreign object. */
  public static OptionalLong segmentVersion(ObjectKey key) {
    Matcher matcher = SEGMENT.matcher(key.value());
    return matcher.matches() ? parse(matcher.group(1)) : OptionalLong.empty();
  }

  /** The UUID of a segment of a snapshot; empty for a foreign object. */
  public static Optional<UUID> segmentUuid(ObjectKey key) {
    Matcher matcher = SEGMENT.matcher(key.value());
    return matcher.matches() ? Optional.of(UUID.fromString(matcher.group(2))) : Optional.empty();
  }

  /** The version in the name of an entry, snapshot or horizon; empty for a foreign object. */
  public static OptionalLong version(ObjectKey key) {
    String name = key.name();
    if (name.length() != VERSION_DIGITS + JSON.length() || !name.endsWith(JSON)) {
      return OptionalLong.empty();
    }
    for (int i = 0; i < VERSION_DIGITS; i++) {
      if (!Syntax.isDigit(name.charAt(i))) {
        return OptionalLong.empty();
      }
    }
    return parse(name.substring(0, VERSION_DIGITS));
  }

  private static OptionalLong parse(String digits) {
    try {
      long version = Long.parseLong(digits);
      return version <= Limits.MAX_INTEGER ? OptionalLong.of(version) : OptionalLong.empty();
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Whether a key is the one that this session would give to a bundle (or a segment). */
  public static boolean isOwned(ObjectKey key, String producer, long epoch, boolean segment) {
    return DataKey.of(key)
        .filter(DataKey::isInItsSpread)
        .filter(data -> data.producer().equals(producer))
        .filter(data -> data.epoch().equals(Long.toString(epoch)))
        .filter(data -> data.isSegment() == segment)
        .isPresent();
  }

  /** Whether a key is one that some session would give to a bundle. */
  public static boolean isBundle(ObjectKey key) {
    return owner(key)
        .filter(owner -> Names.isValid(owner.producer()))
        .filter(owner -> owner.epoch() >= 1 && owner.epoch() <= Limits.MAX_INTEGER)
        .filter(owner -> isOwned(key, owner.producer(), owner.epoch(), false))
        .isPresent();
  }

  /** The session that a key of data belongs to. */
  public record Owner(String producer, long epoch) {}

  /** The session that put an object of data, a bundle or a segment; empty for a foreign object. */
  public static Optional<Owner> uploader(ObjectKey key) {
    return DataKey.of(key)
        .filter(DataKey::isInItsSpread)
        .filter(data -> Names.isValid(data.producer()))
        .map(StreamKeys::owner);
  }

  /** Whose bundle this is; empty for a key that is not one of a bundle. */
  public static Optional<Owner> owner(ObjectKey key) {
    return DataKey.of(key).filter(data -> !data.isSegment()).map(StreamKeys::owner);
  }

  private static Owner owner(DataKey data) {
    return new Owner(data.producer(), Long.parseLong(data.epoch()));
  }

  /** The UUID in a bundle's key; empty if it has none. */
  public static Optional<UUID> uuid(ObjectKey key) {
    return DataKey.of(key).map(data -> UUID.fromString(data.uuid()));
  }

  private static ObjectKey owned(String producer, long epoch, UUID uuid, String extension) {
    String name = uuid.toString();
    return ObjectKey.of(
        "data/"
            + name.substring(0, 2)
            + "/"
            + producer
            + "/"
            + epoch
            + "/"
            + name
            + "."
            + extension);
  }

  /** The object of a version in a folder of such objects. */
  public static ObjectKey versioned(ObjectKey folder, long version) {
    return ObjectKey.of(folder + "/" + padded(version) + JSON);
  }

  private static String padded(long version) {
    String digits = Long.toString(version);
    return "0".repeat(VERSION_DIGITS - digits.length()) + digits;
  }
}
