// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fold over the log once more, written from {@code docs/format.md} §6 alone and as plainly as
 * possible. It shares no code with the one that it judges.
 */
final class Truth {
  /** A step as the log has it. */
  record Step(
      long version,
      String entry,
      String digest,
      List<String> tags,
      long rows,
      List<String> bundles) {}

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

  Truth(JsonNode document, String digest) {
    this.digest = digest;
    this.time = document.get("created").asLong();
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

  Mark last() {
    return marks.get(marks.size() - 1);
  }

  long firstReadable() {
    return firstReadable;
  }

  boolean skips(long step, long rules) {
    return skips.stream()
        .anyMatch(skip -> skip.version <= rules && skip.from <= step && step < skip.to);
  }

  /** Applies an entry; false if it is void. */
  boolean apply(JsonNode entry, String entryDigest) {
    long version = entry.get("version").asLong();
    boolean valid = problem(entry) == null;
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

  @Nullable String problem(JsonNode entry) {
    if (entry.get("time").asLong() < time) {
      return "time";
    }
    if (entry.get("first_step").asLong() != steps.size()
        || entry.get("first_row").asLong() != rows
        || entry.get("first_token").asLong() != tokens) {
      return "totals";
    }
    JsonNode stamp = entry.path("producer");
    if (!stamp.isMissingNode() && !follows(entry, stamp)) {
      return "producer";
    }
    if (entry.has("idempotence") && keys.contains(entry.get("idempotence").asText())) {
      return "idempotence";
    }
    if (sealed && (records(entry).size() > 0 || has(entry, "schema", "defaults", "seal"))) {
      return "seal";
    }
    if (!owns(entry, stamp)) {
      return "bundles";
    }
    return actionsHold(entry) ? null : "actions";
  }

  private boolean follows(JsonNode entry, JsonNode stamp) {
    Producer known = producers.get(stamp.get("id").asText());
    long epoch = stamp.get("epoch").asLong();
    if (stamp.get("sequence").asLong() == 0) {
      return epoch == (known == null ? 1 : known.epoch + 1)
          && !entry.has("state")
          && entry.path("attachments").isEmpty()
          && entry.path("bundles").isEmpty()
          && entry.path("segments").isEmpty()
          && !entry.has("idempotence");
    }
    return known != null
        && !known.retired
        && known.epoch == epoch
        && known.sequence + 1 == stamp.get("sequence").asLong();
  }

  private boolean owns(JsonNode entry, JsonNode stamp) {
    Producer known = producers.get(stamp.path("id").asText());
    List<String> kept = known == null ? List.of() : known.attachmentKeys();
    Set<String> seen = new HashSet<>();
    for (JsonNode bundle : entry.path("bundles")) {
      if (!seen.add(bundle.get("key").asText()) || !owned(bundle, stamp, kept)) {
        return false;
      }
    }
    for (JsonNode attachment : entry.path("attachments")) {
      if (!owned(attachment.get("bundle"), stamp, kept)) {
        return false;
      }
    }
    return true;
  }

  private boolean owned(JsonNode bundle, JsonNode stamp, List<String> kept) {
    String key = bundle.get("key").asText();
    String[] parts = key.split("/", -1);
    boolean own =
        parts.length == 5
            && parts[2].equals(stamp.get("id").asText())
            && parts[3].equals(stamp.get("epoch").asText())
            && parts[4].startsWith(parts[1])
            && parts[4].endsWith(".arrow");
    return (own || kept.contains(key)) && bundle.get("schema").asInt() < schemas;
  }

  private boolean actionsHold(JsonNode entry) {
    long reached = (long) steps.size() + records(entry).size();
    long readable = firstReadable;
    boolean ended = sealed;
    int known = schemas;
    long openVersion = intentVersion;
    long openTo = intentTo;
    for (JsonNode action : entry.path("actions")) {
      switch (action.get("type").asText()) {
        case "schema" -> {
          if (action.get("id").asInt() != known++) {
            return false;
          }
        }
        case "skip" -> {
          long to = action.get("to").asLong();
          if (action.get("from").asLong() >= to || to > reached) {
            return false;
          }
        }
        case "intent" -> {
          long to = action.get("to").asLong();
          if (to > reached || to < readable) {
            return false;
          }
          openVersion = entry.get("version").asLong();
          openTo = to;
        }
        case "cancel" -> {
          if (openVersion < 0 || action.get("intent").asLong() != openVersion) {
            return false;
          }
          openVersion = -1;
        }
        case "trim" -> {
          long to = action.get("to").asLong();
          if (openVersion < 0
              || action.get("intent").asLong() != openVersion
              || to < readable
              || to > openTo) {
            return false;
          }
          readable = to;
          openVersion = -1;
        }
        case "seal" -> {
          if (ended) {
            return false;
          }
          ended = true;
        }
        case "retire" -> {
          if (!Optional.of(action.get("epoch").asLong()).equals(epoch(entry, action))) {
            return false;
          }
        }
        default -> {}
      }
    }
    return true;
  }

  private Optional<Long> epoch(JsonNode entry, JsonNode retire) {
    String id = retire.get("producer").asText();
    if (entry.at("/producer/id").asText().equals(id)) {
      return Optional.of(entry.at("/producer/epoch").asLong());
    }
    return Optional.ofNullable(producers.get(id)).map(Producer::epoch);
  }

  private void applyValid(JsonNode entry, long version, String entryDigest) {
    time = entry.get("time").asLong();
    List<String> bundles = new ArrayList<>();
    entry.path("bundles").forEach(bundle -> bundles.add(bundle.get("key").asText()));
    for (JsonNode group : entry.path("steps")) {
      List<String> used = new ArrayList<>();
      if (group.has("bundle")) {
        used.add(bundles.get(group.get("bundle").asInt()));
      }
      group.path("cells").forEach(cells -> used.add(bundles.get(cells.get(0).asInt())));
      for (JsonNode step : group.get("steps")) {
        List<String> tags = new ArrayList<>();
        step.path("tags").forEach(tag -> tags.add(tag.asText()));
        steps.add(
            new Step(
                version,
                entryDigest,
                step.get("digest").asText(),
                tags,
                step.get("rows").asLong(),
                used));
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

  private static boolean has(JsonNode entry, String... types) {
    for (JsonNode action : entry.path("actions")) {
      if (Set.of(types).contains(action.get("type").asText())) {
        return true;
      }
    }
    return false;
  }

  private static List<JsonNode> records(JsonNode entry) {
    List<JsonNode> records = new ArrayList<>();
    entry.path("steps").forEach(group -> group.get("steps").forEach(records::add));
    return records;
  }
}
