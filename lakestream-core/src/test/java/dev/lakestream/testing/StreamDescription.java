// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StepRecord;
import dev.lakestream.log.StreamState;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;

/** What there is to say of the log of a stream, as the {@code expected.json} of golden streams. */
public final class StreamDescription {
  private StreamDescription() {}

  /** The state at the tail, void entries, and all readable steps. */
  public static ObjectNode of(LakeStream stream) throws IOException {
    StreamState state = stream.state();
    ObjectNode json = SealedJson.object();
    json.put("data", false)
        .put("version", state.version())
        .put("digest", state.digest().hex())
        .put("time", state.time())
        .put("next_step", state.totals().steps())
        .put("rows", state.totals().rows())
        .put("tokens", state.totals().tokens())
        .put("first_readable", state.firstReadable())
        .put("sealed", state.sealed())
        .put("schemas", state.schemas().size());
    json.putObject("defaults")
        .put("slots", state.defaults().slots())
        .put("pieces", state.defaults().pieces());
    ArrayNode skips = json.putArray("skips");
    state
        .skips()
        .forEach(
            skip ->
                skips
                    .addObject()
                    .put("version", skip.version())
                    .put("from", skip.from())
                    .put("to", skip.to())
                    .put("reason", skip.reason()));
    json.putNull("intent");
    state
        .intent()
        .ifPresent(
            intent ->
                json.putObject("intent").put("version", intent.version()).put("to", intent.to()));
    ArrayNode producers = json.putArray("producers");
    stream.producers().forEach(producer -> describe(producer, producers.addObject()));
    ArrayNode voids = json.putArray("void");
    stream.voidEntries().forEach(verdict -> voids.add(verdict.entry().version()));
    ArrayNode steps = json.putArray("steps");
    for (long step = state.firstReadable(); step < state.nextStep(); step++) {
      describe(step, stream.groupOf(step), steps.addObject());
    }
    return json;
  }

  private static void describe(ProducerState producer, ObjectNode json) {
    json.put("id", producer.id())
        .put("epoch", producer.epoch())
        .put("sequence", producer.sequence())
        .put("state", producer.state());
    ArrayNode attachments = json.putArray("attachments");
    producer.attachments().forEach(attachment -> attachments.add(attachment.name()));
    json.put("retired", producer.retired());
  }

  private static void describe(long step, CommittedGroup group, ObjectNode json) {
    StepRecord record = group.step(step);
    json.put("step", step)
        .put("version", group.version())
        .put("producer", group.producer().id())
        .put("rows", record.rows())
        .put("tokens", record.tokens())
        .put("digest", record.digest().hex())
        .put("slots", group.slots())
        .put("pieces", group.pieces());
  }
}
