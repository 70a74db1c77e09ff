// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.reader;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Digest;
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
  private static final JsonMapper MAPPER = new JsonMapper();

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
      JsonNode json = MAPPER.readTree(text);
      return new Cursor(
          UUID.fromString(json.required("stream").textValue()),
          json.required("next_step").longValue(),
          json.required("rules").longValue(),
          new Digest(json.required("chain").textValue()),
          new Digest(json.required("digest").textValue()));
    } catch (JsonProcessingException | IllegalArgumentException | NullPointerException e) {
      throw new InvalidRequestException("not a cursor: " + e.getMessage());
    }
  }
}
