// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.Digest;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a producer got in its source; the state that it commits.
 *
 * @param nextRow the first row that no bundle has
 * @param rest digests of the slots of the attachment, which begin the next step
 */
record Position(long nextRow, List<Digest> rest) {
  private static final JsonMapper MAPPER = new JsonMapper();

  Position {
    rest = List.copyOf(rest);
  }

  /** Reads what a session says; an empty one is that of a producer that never committed. */
  static Position of(String state) {
    if (state.isEmpty()) {
      return new Position(0, List.of());
    }
    try {
      JsonNode json = MAPPER.readTree(state);
      List<Digest> rest = new ArrayList<>();
      json.required("rest").forEach(digest -> rest.add(new Digest(digest.textValue())));
      return new Position(json.required("next").longValue(), rest);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the state of a producer is not ours: " + state, e);
    }
  }

  String state() {
    ObjectNode json = MAPPER.createObjectNode().put("next", nextRow);
    ArrayNode digests = json.putArray("rest");
    rest.forEach(digest -> digests.add(digest.hex()));
    return json.toString();
  }
}
