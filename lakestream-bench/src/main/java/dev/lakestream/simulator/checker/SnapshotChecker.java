// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.simulator.world.Archive;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every snapshot that was ever written says what the log up to its version says, and what it names
 * was there before it: half of a snapshot is garbage and nothing else.
 */
final class SnapshotChecker {
  private final Log log;
  private final List<Archive.Change> changes;

  SnapshotChecker(Log log, List<Archive.Change> changes) {
    this.log = log;
    this.changes = changes;
  }

  void check() {
    for (Archive.Change change : changes) {
      if (change.key().startsWith("snapshots/") && !change.deletion()) {
        check(change, Log.parse(change.content()));
      }
    }
  }

  private void check(Archive.Change change, JsonNode root) {
    int version = Math.toIntExact(Log.version(change.key()));
    if (version >= log.entries().size() || log.entries().get(version).number() > change.number()) {
      throw new Violation(3, change.key() + " is ahead of the log");
    }
    Truth.Mark mark = log.truth().marks().get(version);
    boolean same =
        root.get("digest").asText().equals(mark.digest())
            && root.get("time").asLong() == mark.time()
            && root.get("next_step").asLong() == mark.steps()
            && root.get("rows").asLong() == mark.rows()
            && root.get("tokens").asLong() == mark.tokens()
            && root.get("first_readable").asLong() == mark.firstReadable()
            && root.get("sealed").asBoolean() == mark.sealed()
            && root.get("schemas").size() == mark.schemas()
            && root.get("skips").size() == mark.skips().size();
    if (!same) {
      throw new Violation(3, change.key() + " says " + root + ", the log says " + mark);
    }
    checkProducers(change, root, mark);
    checkIndex(change, root, mark);
  }

  private void checkProducers(Archive.Change change, JsonNode root, Truth.Mark mark) {
    Map<String, JsonNode> byId = new HashMap<>();
    root.get("producers").forEach(ref -> addProducers(change, ref, byId));
    // What is said of a recent one takes the place of what is said of it elsewhere.
    root.get("recent").forEach(ref -> addProducers(change, ref, byId));
    Map<String, Truth.Producer> expected = new HashMap<>(mark.producers());
    for (JsonNode found : byId.values()) {
      Truth.Producer producer = expected.remove(found.get("id").asText());
      if (producer == null
          || producer.epoch() != found.get("epoch").asLong()
          || producer.sequence() != found.get("sequence").asLong()
          || producer.retired() != found.get("retired").asBoolean()
          || !producer.state().equals(found.get("state").asText())
          || !producer.attachmentKeys().equals(attachmentKeys(found))) {
        throw new Violation(
            6, change.key() + " has the producer " + found + ", the log says " + producer);
      }
    }
    if (!expected.isEmpty()) {
      throw new Violation(6, change.key() + " lacks the producers " + expected.keySet());
    }
  }

  private void addProducers(Archive.Change change, JsonNode ref, Map<String, JsonNode> byId) {
    JsonNode content = segment(change, ref.get("key").asText());
    if (ref.get("kind").asText().equals("producers-node")) {
      content.get("children").forEach(child -> addProducers(change, child, byId));
    } else {
      content.get("producers").forEach(found -> byId.put(found.get("id").asText(), found));
    }
  }

  private void checkIndex(Archive.Change change, JsonNode root, Truth.Mark mark) {
    List<PackedIndex.Ref> leaves = new ArrayList<>();
    addLeaves(change, root.get("index"), change.content(), leaves);
    long next = root.at("/index/first_step").asLong();
    if (next > Math.max(mark.firstReadable(), log.truth().firstOwn())) {
      throw new Violation(
          3,
          change.key() + " begins at step " + next + ", " + mark.firstReadable() + " is readable");
    }
    for (PackedIndex.Ref leaf : leaves) {
      if (leaf.firstStep() != next) {
        throw new Violation(3, change.key() + " has " + leaf + " where step " + next + " is next");
      }
      for (JsonNode commit : segment(change, leaf.key()).get("commits")) {
        if (commit.get("first_step").asLong() != next) {
          throw new Violation(3, change.key() + " has no commit with step " + next);
        }
        next += checkCommit(change, commit);
      }
    }
    if (next != mark.steps()) {
      throw new Violation(3, change.key() + " ends at step " + next + " of " + mark.steps());
    }
  }

  private long checkCommit(Archive.Change change, JsonNode commit) {
    Log.Entry entry = log.entries().get(commit.get("version").asInt());
    if (!entry.valid()
        || !commit.path("bundles").equals(entry.json().path("bundles"))
        || !commit.path("steps").equals(entry.json().path("steps"))
        || !commit.get("producer").equals(entry.json().get("producer"))) {
      throw new Violation(
          3, change.key() + " has another version " + commit.get("version") + " than the log");
    }
    long steps = 0;
    for (JsonNode group : commit.path("steps")) {
      steps += group.get("steps").size();
    }
    return steps;
  }

  private void addLeaves(
      Archive.Change change, JsonNode index, byte[] whole, List<PackedIndex.Ref> leaves) {
    for (PackedIndex.Ref ref : PackedIndex.refs(index, whole)) {
      if (ref.height() == 0) {
        leaves.add(ref);
      } else {
        JsonNode node = segment(change, ref.key());
        addLeaves(change, node, log.birth(ref.key()).content(), leaves);
      }
    }
  }

  private JsonNode segment(Archive.Change root, String key) {
    Archive.Change birth = log.births().get(key);
    if (birth == null || birth.number() > root.number()) {
      throw new Violation(3, root.key() + " came before " + key + ", which it names");
    }
    return log.json(birth);
  }

  private static List<String> attachmentKeys(JsonNode producer) {
    List<String> keys = new ArrayList<>();
    producer
        .path("attachments")
        .forEach(attachment -> keys.add(attachment.at("/bundle/key").asText()));
    return keys;
  }
}
