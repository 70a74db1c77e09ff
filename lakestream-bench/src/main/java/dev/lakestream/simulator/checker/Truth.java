// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fold over the log once more, written from {@code docs/format.md} §6 alone and as plainly as
 * possible. It shares no code with the one that it judges.
 */
final class Truth {
  /**
   * A slot of a step as the log has it.
   *
   * @param slot of the bundle
   * @param step of the bundle
   * @param entryAt where in the bundle its directory speaks of it
   */
  record Slot(String bundle, int slot, int step, int entryAt) {}

  /** A step as the log has it. */
  record Step(
      long version,
      String entry,
      String digest,
      List<String> tags,
      long rows,
      long tokens,
      List<String> bundles,
      List<Slot> slots,
      double bytes,
      boolean repeated) {
    /** Whether a reader got this one. */
    boolean isSeenIn(Testimony.Observation observation) {
      return version == observation.version()
          && entry.equals(observation.entry())
          && digest.equals(observation.digest())
          && tags.equals(observation.tags());
    }

    /** Whether it is the same data, in another place perhaps. */
    boolean hasCellsOf(Step other) {
      return digest.equals(other.digest)
          && tags.equals(other.tags)
          && rows == other.rows
          && tokens == other.tokens
          && slots.equals(other.slots);
    }
  }

  /** A producer after its last entry. */
  record Producer(
      String id,
      long epoch,
      long sequence,
      String state,
      List<JsonNode> attachments,
      boolean retired) {
    List<String> attachmentKeys() {
      return attachments.stream().map(node -> node.at("/bundle/key").asText()).toList();
    }
  }

  /** A skip with the version of its entry. */
  record Skip(long version, long from, long to) {}

  /** The totals after an entry. */
  record Mark(
      long version,
      String digest,
      long time,
      long steps,
      long rows,
      long tokens,
      long firstReadable,
      boolean sealed,
      int schemas,
      List<Skip> skips,
      Map<String, Producer> producers) {}

  private final Rules rules = new Rules(this);
  private final Map<String, Producer> producers = new LinkedHashMap<>();
  private final Set<String> keys = new HashSet<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Skip> skips = new ArrayList<>();
  private final List<Mark> marks = new ArrayList<>();
  private String digest;
  private long time;
  private long rows;
  private long tokens;
  private long firstReadable;
  private boolean sealed;
  private int schemas = 1;
  private long intentVersion = -1;
  private long intentTo = -1;
  private long firstOwn;
  private int inherited;

  Truth(JsonNode document, String digest) {
    this.digest = digest;
    this.time = document.get("created").asLong();
  }

  /** A fork begins with what its document says; of its parent it has the steps before the fork. */
  static Truth ofFork(JsonNode document, String digest, Truth parent) {
    Truth truth = new Truth(document, digest);
    JsonNode origin = document.get("fork");
    truth.firstOwn = origin.get("step").asLong();
    truth.steps.addAll(parent.steps.subList(0, (int) truth.firstOwn));
    truth.marks.addAll(parent.marks.subList(0, (int) origin.path("version").asLong(-1) + 1));
    truth.inherited = truth.marks.size();
    truth.rows = origin.get("rows").asLong();
    truth.tokens = origin.get("tokens").asLong();
    truth.firstReadable = origin.get("first_readable").asLong();
    truth.schemas = 1 + origin.path("schemas").size();
    for (JsonNode skip : origin.path("skips")) {
      truth.skips.add(
          new Skip(
              skip.get("version").asLong(), skip.get("from").asLong(), skip.get("to").asLong()));
    }
    return truth;
  }

  /** The digest that the next entry must follow. */
  String digest() {
    return digest;
  }

  List<Step> steps() {
    return steps;
  }

  List<Skip> skips() {
    return skips;
  }

  Map<String, Producer> producers() {
    return producers;
  }

  /** The state after each version. */
  List<Mark> marks() {
    return marks;
  }

  /** The state after each version of its own: all but those that a fork has of its parent. */
  List<Mark> ownMarks() {
    return marks.subList(inherited, marks.size());
  }

  Mark last() {
    return marks.get(marks.size() - 1);
  }

  long firstReadable() {
    return firstReadable;
  }

  /** The first step that is the stream's own; 0 but for forks. */
  long firstOwn() {
    return firstOwn;
  }

  long time() {
    return time;
  }

  long rows() {
    return rows;
  }

  long tokens() {
    return tokens;
  }

  boolean sealed() {
    return sealed;
  }

  int schemas() {
    return schemas;
  }

  /** The version of the open intent, negative if there is none. */
  long intentVersion() {
    return intentVersion;
  }

  long intentTo() {
    return intentTo;
  }

  boolean hasKey(String idempotence) {
    return keys.contains(idempotence);
  }

  boolean skips(long step, long rules) {
    return skips.stream()
        .anyMatch(skip -> skip.version <= rules && skip.from <= step && step < skip.to);
  }

  /** Applies an entry; false if it is void. */
  boolean apply(JsonNode entry, String entryDigest) {
    long version = entry.get("version").asLong();
    boolean valid = rules.problem(entry) == null;
    if (valid) {
      applyValid(entry, version, entryDigest);
    }
    digest = entryDigest;
    marks.add(
        new Mark(
            version,
            digest,
            time,
            steps.size(),
            rows,
            tokens,
            firstReadable,
            sealed,
            schemas,
            List.copyOf(skips),
            new LinkedHashMap<>(producers)));
    return valid;
  }

  private void applyValid(JsonNode entry, long version, String entryDigest) {
    time = entry.get("time").asLong();
    List<String> bundles = new ArrayList<>();
    entry.path("bundles").forEach(bundle -> bundles.add(bundle.get("key").asText()));
    for (JsonNode group : entry.path("steps")) {
      List<String> used = new ArrayList<>();
      double bytes = StepBytes.of(group, entry.path("bundles"));
      if (group.has("bundle")) {
        used.add(bundles.get(group.get("bundle").asInt()));
      }
      group.path("cells").forEach(cells -> used.add(bundles.get(cells.get(0).asInt())));
      int later = 0;
      for (JsonNode step : group.get("steps")) {
        List<Slot> slots = Slots.of(group, entry.path("bundles"), later++);
        List<String> tags = new ArrayList<>();
        step.path("tags").forEach(tag -> tags.add(tag.asText()));
        steps.add(
            new Step(
                version,
                entryDigest,
                step.get("digest").asText(),
                tags,
                step.get("rows").asLong(),
                step.get("tokens").asLong(),
                used,
                slots,
                bytes,
                entry.has("repeat")));
        rows += step.get("rows").asLong();
        tokens += step.get("tokens").asLong();
      }
    }
    if (entry.has("producer")) {
      continueProducer(entry, entry.get("producer"));
    }
    if (entry.has("idempotence")) {
      keys.add(entry.get("idempotence").asText());
    }
    entry.path("actions").forEach(action -> apply(action, version));
  }

  private void continueProducer(JsonNode entry, JsonNode stamp) {
    String id = stamp.get("id").asText();
    Producer known = producers.getOrDefault(id, new Producer(id, 0, 0, "", List.of(), false));
    List<JsonNode> attachments = new ArrayList<>();
    if (stamp.get("sequence").asLong() == 0) {
      attachments.addAll(known.attachments);
    } else {
      entry.path("attachments").forEach(attachments::add);
    }
    producers.put(
        id,
        new Producer(
            id,
            stamp.get("epoch").asLong(),
            stamp.get("sequence").asLong(),
            entry.has("state") ? entry.get("state").asText() : known.state,
            attachments,
            false));
  }

  private void apply(JsonNode action, long version) {
    switch (action.get("type").asText()) {
      case "schema" -> schemas++;
      case "skip" ->
          skips.add(new Skip(version, action.get("from").asLong(), action.get("to").asLong()));
      case "intent" -> {
        intentVersion = version;
        intentTo = action.get("to").asLong();
      }
      case "cancel" -> intentVersion = -1;
      case "trim" -> {
        firstReadable = action.get("to").asLong();
        intentVersion = -1;
      }
      case "seal" -> sealed = true;
      case "retire" ->
          producers.computeIfPresent(
              action.get("producer").asText(),
              (id, known) ->
                  new Producer(
                      id, known.epoch, known.sequence, known.state, known.attachments, true));
      default -> {}
    }
  }
}
