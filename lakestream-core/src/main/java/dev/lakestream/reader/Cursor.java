// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.reader;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.JsonObject;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import java.util.UUID;

/**
 * A place in a stream, as a trainer stores it with its checkpoint: the same for all ranks and for
 * every topology ({@code docs/format.md} §10).
 *
 * @param stream the stream's id
 * @param nextStep the step to be read next
 * @param rules the version whose skips apply, −1 for none
 * @param chain digest of the entry that made step {@code nextStep − 1} visible
 * @param digest of step {@code nextStep − 1}
 */
public record Cursor(UUID stream, long nextStep, long rules, Digest chain, Digest digest) {
  public Cursor {
    if (nextStep < 0 || rules < -1) {
      throw new InvalidRequestException(
          "a cursor at step " + nextStep + " with rules version " + rules + " cannot be");
    }
  }

  /** The cursor as plain JSON. */
  public String toJson() {
    ObjectNode json = SealedJson.object();
    json.put("stream", stream.toString())
        .put("next_step", nextStep)
        .put("rules", rules)
        .put("chain", chain.hex())
        .put("digest", digest.hex());
    return json.toString();
  }

  /** Reads what {@link #toJson()} wrote, also in Python. */
  public static Cursor fromJson(String text) {
    try {
      JsonObject json = SealedJson.unsealed("cursor", text);
      return new Cursor(
          json.uuid("stream"),
          json.integer("next_step"),
          json.integer("rules", -1, Limits.MAX_INTEGER),
          json.digest("chain"),
          json.digest("digest"));
    } catch (CorruptObjectException e) {
      throw new InvalidRequestException("not a cursor: " + e.getMessage());
    }
  }
}
