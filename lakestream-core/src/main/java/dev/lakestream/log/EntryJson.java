// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.UnsupportedFeatureException;
import dev.lakestream.format.JsonObject;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import dev.lakestream.schema.SchemaJson;
import java.util.List;
import java.util.Optional;

/** Log entries as sealed JSON ({@code docs/format.md} §5). */
public final class EntryJson {
  private static final int MAX_FEATURES = 64;
  private static final int MAX_LABEL = 64;

  private EntryJson() {}

  /** The bytes of an entry. */
  public static byte[] encode(LogEntry entry) {
    ObjectNode json = SealedJson.object();
    json.put("version", entry.version())
        .put("id", entry.id().toString())
        .put("prev", entry.prev().hex())
        .put("time", entry.time())
        .put("writer", entry.writer());
    if (!entry.requires().isEmpty()) {
      entry.requires().forEach(json.putArray("requires")::add);
    }
    entry.producer().ifPresent(producer -> json.set("producer", writeStamp(producer)));
    entry.state().ifPresent(state -> json.put("state", state));
    if (!entry.attachments().isEmpty()) {
      writeAttachments(entry.attachments(), json);
    }
    entry.idempotence().ifPresent(key -> json.put("idempotence", key));
    writeTotals(entry.before(), json);
    entry.repeat().ifPresent(range -> json.set("repeat", writeRepeat(range)));
    ContentJson.write(entry.content(), json);
    if (!entry.actions().isEmpty()) {
      ArrayNode actions = json.putArray("actions");
      entry.actions().forEach(action -> actions.add(writeAction(action)));
    }
    return SealedJson.seal(json);
  }

  /**
   * Reads an entry.
   *
   * @param version the one in its name
   */
  public static LogEntry decode(String object, long version, byte[] content) {
    JsonObject json = SealedJson.open(object, content);
    List<String> requires = readRequires(object, json);
    if (json.integer("version") != version) {
      throw json.corrupt("it says that it is version " + json.integer("version"));
    }
    LogEntry entry =
        new LogEntry(
            version,
            json.uuid("id"),
            json.digest("prev"),
            json.integer("time"),
            json.optionalString("writer", Limits.WRITER_LENGTH).orElse(""),
            requires,
            json.optionalObject("producer").map(EntryJson::readStamp),
            json.optionalUtf8("state", Limits.STATE_BYTES),
            readAttachments(json),
            json.optionalString("idempotence", Limits.IDEMPOTENCE_LENGTH),
            readTotals(json),
            readRepeat(json),
            ContentJson.read(json),
            json.objects("actions", Limits.ACTIONS, EntryJson::readAction));
    checkProducer(json, entry);
    checkRepeat(json, entry);
    checkParquet(json, entry);
    checkTotals(json, entry);
    return entry;
  }

  private static void checkProducer(JsonObject json, LogEntry entry) {
    boolean needsProducer =
        entry.state().isPresent() || !entry.attachments().isEmpty() || !entry.content().isEmpty();
    if (needsProducer && entry.producer().isEmpty()) {
      throw json.corrupt("it has steps, state or attachments and names no producer");
    }
    if (entry.idempotence().filter(String::isEmpty).isPresent()) {
      throw json.corrupt("its idempotence key is empty");
    }
  }

  private static void checkRepeat(JsonObject json, LogEntry entry) {
    if (entry.repeat().isPresent() && !entry.requires().contains(Features.REPEAT)) {
      throw json.corrupt("it repeats steps and does not require the feature 'repeat'");
    }
  }

  private static void checkParquet(JsonObject json, LogEntry entry) {
    if (entry.namesParquet() && !entry.requires().contains(Features.PARQUET)) {
      throw json.corrupt("it names Parquet bundles and does not require the feature 'parquet'");
    }
  }

  private static void checkTotals(JsonObject json, LogEntry entry) {
    // Both are within the integers of the format, so that this can't overflow.
    Totals after = entry.before().plus(entry.content().totals());
    if (Math.max(after.steps(), Math.max(after.rows(), after.tokens())) > Limits.MAX_INTEGER) {
      throw json.corrupt("its totals exceed the limits");
    }
  }

  /** Reads {@code requires} and stops at a feature that this client does not know. */
  static List<String> readRequires(String object, JsonObject json) {
    List<String> requires = json.strings("requires", MAX_FEATURES, MAX_LABEL);
    for (String feature : requires) {
      if (!Features.KNOWN.contains(feature)) {
        throw new UnsupportedFeatureException(
            object
                + " requires the feature '"
                + feature
                + "', which this version of Lakestream does not know; use a newer one");
      }
    }
    return requires;
  }

  /** Features that {@code requires} may name in this version, for roots of snapshots. */
  public static void checkRequires(String object, JsonObject json) {
    readRequires(object, json);
  }

  /** A producer stamp as JSON. */
  public static ObjectNode writeStamp(ProducerStamp stamp) {
    return SealedJson.object()
        .put("id", stamp.id())
        .put("epoch", stamp.epoch())
        .put("sequence", stamp.sequence());
  }

  /** Reads a producer stamp. */
  public static ProducerStamp readStamp(JsonObject json) {
    return new ProducerStamp(
        json.name("id"), json.integer("epoch", 1, Limits.MAX_INTEGER), json.integer("sequence"));
  }

  /** Adds {@code first_step}, {@code first_row} and {@code first_token}. */
  public static void writeTotals(Totals before, ObjectNode json) {
    json.put("first_step", before.steps())
        .put("first_row", before.rows())
        .put("first_token", before.tokens());
  }

  /** Reads the same members. */
  public static Totals readTotals(JsonObject json) {
    return new Totals(
        json.integer("first_step"), json.integer("first_row"), json.integer("first_token"));
  }

  /** The range of a repeat as JSON. */
  public static ObjectNode writeRepeat(RepeatRange range) {
    return SealedJson.object().put("from", range.from()).put("to", range.to());
  }

  /** Reads {@code repeat}, if it is there. */
  public static Optional<RepeatRange> readRepeat(JsonObject json) {
    return json.optionalObject("repeat")
        .map(range -> new RepeatRange(range.integer("from"), range.integer("to")));
  }

  /** Adds {@code attachments}. */
  public static void writeAttachments(List<Attachment> attachments, ObjectNode json) {
    ArrayNode list = json.putArray("attachments");
    attachments.forEach(
        attachment ->
            list.addObject()
                .put("name", attachment.name())
                .set("bundle", ContentJson.writeBundle(attachment.bundle())));
  }

  /** Reads {@code attachments}. */
  public static List<Attachment> readAttachments(JsonObject json) {
    return json.objects(
        "attachments",
        Limits.ATTACHMENTS,
        attachment ->
            new Attachment(
                attachment.name("name"), ContentJson.readBundle(attachment.object("bundle"))));
  }

  /** An action as JSON. */
  static ObjectNode writeAction(Action action) {
    ObjectNode json = SealedJson.object();
    if (action instanceof Action.AddSchema add) {
      SchemaJson.write(add.schema(), json.put("type", "schema"));
    } else if (action instanceof Action.Defaults defaults) {
      json.put("type", "defaults").put("slots", defaults.slots()).put("pieces", defaults.pieces());
    } else if (action instanceof Action.Skip skip) {
      json.put("type", "skip")
          .put("from", skip.from())
          .put("to", skip.to())
          .put("reason", skip.reason());
    } else if (action instanceof Action.TrimIntent intent) {
      json.put("type", "intent").put("to", intent.to());
    } else if (action instanceof Action.CancelIntent cancel) {
      json.put("type", "cancel").put("intent", cancel.intent());
    } else if (action instanceof Action.Trim trim) {
      json.put("type", "trim").put("to", trim.to()).put("intent", trim.intent());
    } else if (action instanceof Action.Seal) {
      json.put("type", "seal");
    } else if (action instanceof Action.Retire retire) {
      json.put("type", "retire").put("producer", retire.producer()).put("epoch", retire.epoch());
    }
    return json;
  }

  static Action readAction(JsonObject json) {
    String type = json.string("type", MAX_LABEL);
    return switch (type) {
      case "schema" -> new Action.AddSchema(SchemaJson.read(json));
      case "defaults" -> readDefaults(json);
      case "skip" ->
          new Action.Skip(
              json.integer("from"),
              json.integer("to"),
              json.string("reason", Limits.REASON_LENGTH));
      case "intent" -> new Action.TrimIntent(json.integer("to"));
      case "cancel" -> new Action.CancelIntent(json.integer("intent"));
      case "trim" -> new Action.Trim(json.integer("to"), json.integer("intent"));
      case "seal" -> new Action.Seal();
      case "retire" ->
          new Action.Retire(json.name("producer"), json.integer("epoch", 1, Limits.MAX_INTEGER));
      default ->
          throw new UnsupportedFeatureException(
              json.corrupt("unknown action").object()
                  + " has an action '"
                  + type
                  + "', which this version of Lakestream does not know; use a newer one");
    };
  }

  /** Reads slots and pieces. */
  public static Action.Defaults readDefaults(JsonObject json) {
    int slots = json.integer("slots", 1, Limits.SLOTS);
    int pieces = json.integer("pieces", 1, Limits.PIECES);
    if ((long) slots * pieces > Limits.RUNS) {
      throw json.corrupt("slots × pieces is more than " + Limits.RUNS);
    }
    return new Action.Defaults(slots, pieces);
  }
}
