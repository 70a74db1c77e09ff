// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which entries are void: the predicate of {@code docs/format.md} §6 once more, as plainly as
 * possible.
 */
final class Rules {
  private static final Pattern BUNDLE =
      Pattern.compile("data/([0-9a-f]{2})/[^/]+/[1-9][0-9]*/\\1[0-9a-f-]{34}\\.arrow");

  private final Truth truth;

  Rules(Truth truth) {
    this.truth = truth;
  }

  /** Why an entry is void if it is the next one; null if it is valid. */
  @Nullable String problem(JsonNode entry) {
    if (entry.get("time").asLong() < truth.time()) {
      return "time";
    }
    if (entry.get("first_step").asLong() != truth.steps().size()
        || entry.get("first_row").asLong() != truth.rows()
        || entry.get("first_token").asLong() != truth.tokens()) {
      return "totals";
    }
    JsonNode stamp = entry.path("producer");
    if (!stamp.isMissingNode() && !follows(entry, stamp)) {
      return "producer";
    }
    if (entry.has("idempotence") && truth.hasKey(entry.get("idempotence").asText())) {
      return "idempotence";
    }
    if (truth.sealed() && (records(entry).size() > 0 || has(entry, "schema", "defaults", "seal"))) {
      return "seal";
    }
    if (!owns(entry, stamp)) {
      return "bundles";
    }
    if (!actionsHold(entry)) {
      return "actions";
    }
    return repeatHolds(entry.path("repeat")) ? null : "repeat";
  }

  private boolean repeatHolds(JsonNode range) {
    return range.isMissingNode()
        || (range.get("from").asLong() >= Math.max(truth.firstReadable(), truth.firstOwn())
            && range.get("from").asLong() < range.get("to").asLong()
            && range.get("to").asLong() <= truth.steps().size());
  }

  private boolean follows(JsonNode entry, JsonNode stamp) {
    Truth.Producer known = truth.producers().get(stamp.get("id").asText());
    long epoch = stamp.get("epoch").asLong();
    if (stamp.get("sequence").asLong() == 0) {
      return epoch == (known == null ? 1 : known.epoch() + 1)
          && !entry.has("state")
          && entry.path("attachments").isEmpty()
          && entry.path("bundles").isEmpty()
          && entry.path("segments").isEmpty()
          && !entry.has("idempotence");
    }
    return known != null
        && !known.retired()
        && known.epoch() == epoch
        && known.sequence() + 1 == stamp.get("sequence").asLong();
  }

  private boolean owns(JsonNode entry, JsonNode stamp) {
    Truth.Producer known = truth.producers().get(stamp.path("id").asText());
    List<String> kept = known == null ? List.of() : known.attachmentKeys();
    Set<String> seen = new HashSet<>();
    for (JsonNode bundle : entry.path("bundles")) {
      if (!seen.add(bundle.get("key").asText())
          || !(owned(bundle, stamp, kept) || repeated(entry, bundle))) {
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

  private boolean repeated(JsonNode entry, JsonNode bundle) {
    return entry.has("repeat")
        && BUNDLE.matcher(bundle.get("key").asText()).matches()
        && bundle.get("schema").asInt() < truth.schemas();
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
    return (own || kept.contains(key)) && bundle.get("schema").asInt() < truth.schemas();
  }

  private boolean actionsHold(JsonNode entry) {
    long reached = (long) truth.steps().size() + records(entry).size();
    long readable = truth.firstReadable();
    boolean ended = truth.sealed();
    int known = truth.schemas();
    long openVersion = truth.intentVersion();
    long openTo = truth.intentTo();
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
    return Optional.ofNullable(truth.producers().get(id)).map(Truth.Producer::epoch);
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
