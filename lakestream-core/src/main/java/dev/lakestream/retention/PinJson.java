// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.JsonObject;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.store.ObjectKey;
import java.util.Optional;
import java.util.UUID;

/** Pins as sealed JSON ({@code docs/format.md} §11). */
public final class PinJson {
  private PinJson() {}

  /** The bytes of a pin. */
  public static byte[] encode(UUID stream, Pin pin) {
    ObjectNode json = SealedJson.object();
    json.put("lakestream", Limits.FORMAT_VERSION)
        .put("stream", stream.toString())
        .put("job", pin.job())
        .put("checkpoint", pin.checkpoint())
        .put("from", pin.from());
    pin.to().ifPresent(to -> json.put("to", to));
    return SealedJson.seal(json.put("created", pin.created()));
  }

  /**
   * Reads a pin.
   *
   * @throws dev.lakestream.error.CorruptObjectException also if it is not the pin that its key says
   */
  public static Pin decode(UUID stream, ObjectKey key, byte[] content) {
    JsonObject json = SealedJson.open(key.value(), content);
    StreamDocumentJson.checkFormatVersion(key.value(), json);
    if (!json.uuid("stream").equals(stream)) {
      throw json.corrupt("it belongs to the stream " + json.uuid("stream") + ", not " + stream);
    }
    String job = json.name("job");
    String checkpoint = json.name("checkpoint");
    if (!StreamKeys.pinned(key).equals(Optional.of(new StreamKeys.Pinned(job, checkpoint)))) {
      throw json.corrupt("it says that it is checkpoint " + checkpoint + " of job " + job);
    }
    long from = json.integer("from");
    Optional<Long> to = json.optionalInteger("to");
    if (to.isPresent() && to.get() < from) {
      throw json.corrupt("it pins [" + from + ", " + to.get() + ")");
    }
    return new Pin(key, job, checkpoint, from, to, json.integer("created"));
  }
}
