// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.UnsupportedFeatureException;
import dev.lakestream.format.JsonObject;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import java.util.List;

/** {@code stream.json} as sealed JSON ({@code docs/format.md} §3). */
public final class StreamDocumentJson {
  private StreamDocumentJson() {}

  /** The bytes of the document. */
  public static byte[] encode(StreamDocument document) {
    ObjectNode json = SealedJson.object();
    json.put("lakestream", Limits.FORMAT_VERSION)
        .put("id", document.id().toString())
        .put("created", document.created())
        .put("writer", document.writer());
    ArrayNode requires = json.putArray("requires");
    document.requires().forEach(requires::add);
    document.fork().ifPresent(origin -> ForkJson.write(origin, json.putObject("fork")));
    json.putArray("actions")
        .add(EntryJson.writeAction(new Action.AddSchema(document.schema())))
        .add(EntryJson.writeAction(document.defaults()));
    return SealedJson.seal(json);
  }

  /** Reads the document. */
  public static StreamDocument decode(String object, byte[] content) {
    JsonObject json = SealedJson.open(object, content);
    checkFormatVersion(object, json);
    List<String> requires = EntryJson.readRequires(object, json);
    ForkJson.checkRequired(json, requires);
    List<Action> actions = json.objects("actions", 16, EntryJson::readAction);
    if (actions.size() == 2
        && actions.get(0) instanceof Action.AddSchema schema
        && actions.get(1) instanceof Action.Defaults defaults
        && schema.schema().id() == 0) {
      return new StreamDocument(
          json.uuid("id"),
          json.integer("created"),
          json.optionalString("writer", Limits.WRITER_LENGTH).orElse(""),
          requires,
          schema.schema(),
          defaults,
          json.optionalObject("fork").map(fork -> ForkJson.read(fork, schema.schema())));
    }
    throw json.corrupt("its actions are not one schema of id 0 and then one of defaults");
  }

  /** Stops at a format that is newer than this client. */
  public static void checkFormatVersion(String object, JsonObject json) {
    long version = json.integer("lakestream", 1, Limits.MAX_INTEGER);
    if (version > Limits.FORMAT_VERSION) {
      throw new UnsupportedFeatureException(
          object
              + " has format version "
              + version
              + "; this version of Lakestream reads up to "
              + Limits.FORMAT_VERSION
              + ", use a newer one");
    }
  }
}
