// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.ForkOrigin;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.RecordedSchema;
import dev.lakestream.log.RecordedSkip;
import dev.lakestream.log.StepRecord;
import dev.lakestream.log.StreamState;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.SchemaText;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.time.Instant;

/** Parts of a stream as JSON, the same in every command. */
public final class StreamJson {
  private StreamJson() {}

  static ObjectNode stream(String uri, LakeStream stream) {
    StreamState state = stream.state();
    ObjectNode json = SealedJson.object();
    json.put("uri", uri)
        .put("id", stream.id().toString())
        .put("created", time(stream.document().created()))
        .put("version", state.version())
        .put("last_commit", time(state.time()))
        .put("steps", state.nextStep())
        .put("first_readable", state.firstReadable())
        .put("first_own", state.firstOwn())
        .put("rows", state.totals().rows())
        .put("tokens", state.totals().tokens())
        .put("slots", state.defaults().slots())
        .put("pieces", state.defaults().pieces())
        .put("sealed", state.sealed());
    stream.document().fork().ifPresent(origin -> fork(origin, json.putObject("fork")));
    ArrayNode columns = json.putArray("columns");
    for (Field field : state.schema().fields()) {
      columns.addObject().put("name", field.name()).put("type", SchemaText.typeOf(field));
    }
    ArrayNode sequence = json.putArray("sequence");
    state.schema().sequence().forEach(sequence::add);
    state.schema().boundaries().ifPresent(name -> json.put("boundaries", name));
    ArrayNode schemas = json.putArray("schema_versions");
    for (RecordedSchema recorded : state.schemas()) {
      schemas.addObject().put("id", recorded.schema().id()).put("version", recorded.version());
    }
    ArrayNode skips = json.putArray("skips");
    for (RecordedSkip skip : state.skips()) {
      skips
          .addObject()
          .put("version", skip.version())
          .put("from", skip.from())
          .put("to", skip.to())
          .put("reason", skip.reason());
    }
    ArrayNode producers = json.putArray("producers");
    stream.producers().forEach(producer -> producers.add(producer(producer)));
    json.put("void_entries_since_snapshot", stream.voidEntries().size());
    return json;
  }

  static void fork(ForkOrigin origin, ObjectNode json) {
    json.put("name", origin.name())
        .put("parent", origin.parent().toString())
        .put("version", origin.version())
        .put("step", origin.step());
  }

  private static ObjectNode producer(ProducerState producer) {
    ObjectNode json = SealedJson.object();
    json.put("id", producer.id())
        .put("epoch", producer.epoch())
        .put("sequence", producer.sequence())
        .put("last_commit", time(producer.time()))
        .put("version", producer.version())
        .put("state", producer.state())
        .put("retired", producer.retired());
    ArrayNode attachments = json.putArray("attachments");
    producer.attachments().stream().map(Attachment::name).forEach(attachments::add);
    return json;
  }

  /** What the log says of a step. */
  public static ObjectNode step(CommittedGroup group, long step) {
    StepRecord record = group.step(step);
    ObjectNode json = SealedJson.object();
    json.put("step", step)
        .put("version", group.version())
        .put("committed", time(group.time()))
        .put("producer", group.producer().id())
        .put("epoch", group.producer().epoch())
        .put("sequence", group.producer().sequence())
        .put("rows", record.rows())
        .put("tokens", record.tokens());
    record.lossTokensIfSaid().ifPresent(tokens -> json.put("loss_tokens", tokens));
    json.put("slots", group.slots())
        .put("pieces", group.pieces())
        .put("schema", group.schema())
        .put("first_row", group.before(step).rows())
        .put("first_token", group.before(step).tokens())
        .put("digest", record.digest().hex());
    if (!record.sources().isEmpty()) {
      ObjectNode sources = json.putObject("sources");
      record.sources().forEach(sources::put);
    }
    if (!record.tags().isEmpty()) {
      record.tags().forEach(json.putArray("tags")::add);
    }
    if (!record.attributes().isEmpty()) {
      ObjectNode attributes = json.putObject("attributes");
      record.attributes().forEach(attributes::put);
    }
    return json;
  }

  /** A time of the log, as text in UTC. */
  public static String time(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }
}
