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

  /** An entry, whether it is valid, and when it came. */
  record Entry(JsonNode json, String text, boolean valid, int number) {}

  private Log(Truth truth) {
    this.truth = truth;
  }

  static Log of(Archive archive) {
    List<Archive.Change> changes = archive.changes();
    Archive.Change document = changes.get(0);
    if (!document.key().equals("stream.json")) {
      throw new Violation(5, "the first object is " + document.key());
    }
    Log log = new Log(new Truth(parse(document.content()), sha256(document.content())));
    long horizon = 0;
    for (Archive.Change change : changes) {
      String key = change.key();
      if (change.deletion()) {
        if (key.startsWith("log/") && version(key) >= horizon) {
          throw new Violation(8, key + " was deleted, the horizon is " + horizon);
        }
        continue;
      }
      if (change.replaces() && !OVERWRITTEN.contains(key) && !key.startsWith("progress/")) {
        throw new Violation(5, key + " was overwritten");
      }
      boolean first = log.births.putIfAbsent(key, change) == null;
      if (key.startsWith("horizon/")) {
        horizon = Math.max(horizon, version(key));
      } else if (key.startsWith("log/")) {
        log.entry(change, version(key), first, horizon);
      }
    }
    return log;
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
