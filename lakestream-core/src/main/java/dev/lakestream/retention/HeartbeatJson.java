// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.format.JsonObject;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.store.ObjectKey;
import java.util.UUID;

/** Heartbeats as sealed JSON ({@code docs/format.md} §11). */
public final class HeartbeatJson {
  private HeartbeatJson() {}

  /** What a heartbeat says; how old it is, the store knows. */
  public record Beat(String job, long nextStep, long time) {}

  /** The bytes of a heartbeat. */
  public static byte[] encode(UUID stream, Beat beat) {
    return SealedJson.seal(
        SealedJson.object()
            .put("lakestream", Limits.FORMAT_VERSION)
            .put("stream", stream.toString())
            .put("job", beat.job())
            .put("next_step", beat.nextStep())
            .put("time", beat.time()));
  }

  /** Reads a heartbeat. */
  public static Beat decode(UUID stream, ObjectKey key, byte[] content) {
    JsonObject json = SealedJson.open(key.value(), content);
    StreamDocumentJson.checkFormatVersion(key.value(), json);
    if (!json.uuid("stream").equals(stream)) {
      throw json.corrupt("it belongs to the stream " + json.uuid("stream") + ", not " + stream);
    }
    String job = json.name("job");
    if (!StreamKeys.progress(job).equals(key)) {
      throw json.corrupt("it says that it is of job " + job);
    }
    return new Beat(job, json.integer("next_step"), json.integer("time"));
  }
}
