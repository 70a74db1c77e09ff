// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lakestream.simulator.world.Archive;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The log as it really was: the entry that came first under each version, also if it has been
 * removed. Keeps invariants 3 and 5 on its way through the archive.
 */
final class Log {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Set<String> OVERWRITTEN = Set.of("hint.json", "clock.json");

  private final Truth truth;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Archive.Change> births = new HashMap<>();
  private final Map<String, JsonNode> parsed = new HashMap<>();

  /** An entry, whether it is valid, and when it came. */
  record Entry(JsonNode json, String text, boolean valid, int number) {}

  private Log(Truth truth) {
    this.truth = truth;
  }

  static Log of(List<Archive.Change> changes) {
    Archive.Change document = changes.get(0);
    if (!document.key().equals("stream.json")) {
      throw new Violation(5, "the first object is " + document.key());
    }
    Log log = new Log(new Truth(parse(document.content()), sha256(document.content())));
    log.read(changes);
    return log;
  }

  /**
   * The log of a fork, after that of its parent up to the version that it was forked at.
   *
   * @param changes those below its folder, with keys as the fork knows them
   */
  static Log ofFork(List<Archive.Change> changes, Log parent) {
    byte[] content =
        changes.stream()
            .filter(change -> change.key().equals("stream.json") && !change.deletion())
            .findFirst()
            .orElseThrow(() -> new Violation(8, "a fork has lost its stream.json"))
            .content();
    JsonNode document = parse(content);
    Log log = new Log(Truth.ofFork(document, sha256(content), parent.truth));
    log.entries.addAll(
        parent.entries.subList(0, (int) document.at("/fork/version").asLong(-1) + 1));
    log.read(changes);
    return log;
  }

  private void read(List<Archive.Change> changes) {
    long horizon = 0;
    for (Archive.Change change : changes) {
      String key = change.key();
      if (change.deletion()) {
        if (key.startsWith("log/") && version(key) >= horizon) {
          throw new Violation(8, key + " was deleted, the horizon is " + horizon);
        }
        continue;
      }
      if (change.replaces()
          && !OVERWRITTEN.contains(key)
          && !key.startsWith("progress/")
          && !key.startsWith("forks/")) {
        throw new Violation(5, key + " was overwritten");
      }
      boolean first = births.putIfAbsent(key, change) == null;
      if (key.startsWith("horizon/")) {
        horizon = Math.max(horizon, version(key));
      } else if (key.startsWith("log/")) {
        entry(change, version(key), first, horizon);
      }
    }
  }

  private void entry(Archive.Change change, long version, boolean first, long horizon) {
    if (!first) {
      if (version >= horizon) {
        throw new Violation(5, change.key() + " came twice, the horizon is " + horizon);
      }
      return;
    }
    if (version != entries.size()) {
      throw new Violation(
          2, change.key() + " came although " + entries.size() + " is the next version");
    }
    JsonNode json = parse(change.content());
    if (json.get("version").asLong() != version
        || !json.get("prev").asText().equals(truth.digest())) {
      throw new Violation(3, change.key() + " does not follow its predecessor");
    }
    boolean valid = truth.apply(json, sha256(change.content()));
    entries.add(
        new Entry(
            json,
            new String(change.content(), java.nio.charset.StandardCharsets.UTF_8),
            valid,
            change.number()));
  }

  Truth truth() {
    return truth;
  }

  List<Entry> entries() {
    return entries;
  }

  /** When an object came first. */
  Map<String, Archive.Change> births() {
    return births;
  }

  /** When an object came first that must have been there. */
  Archive.Change birth(String key) {
    Archive.Change birth = births.get(key);
    if (birth == null) {
      throw new Violation(4, key + " was never there");
    }
    return birth;
  }

  /** The JSON of an immutable object; each is parsed once. */
  JsonNode json(Archive.Change birth) {
    return parsed.computeIfAbsent(birth.key(), key -> parse(birth.content()));
  }

  static long version(String key) {
    int slash = key.lastIndexOf('/');
    return Long.parseLong(key.substring(slash + 1, key.length() - ".json".length()));
  }

  static JsonNode parse(byte[] content) {
    try {
      return MAPPER.readTree(content);
    } catch (IOException e) {
      throw new Violation(10, "an object is no JSON", e);
    }
  }

  static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
