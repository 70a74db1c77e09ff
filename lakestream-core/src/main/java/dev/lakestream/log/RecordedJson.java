// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.JsonObject;
import dev.lakestream.format.Limits;
import dev.lakestream.schema.SchemaJson;
import java.util.List;
import java.util.Optional;

/** Schemas and skips with their versions as JSON, in snapshots and in forks. */
public final class RecordedJson {
  private static final int MAX_SKIPS = Limits.SEGMENT_BYTES / 64;

  private RecordedJson() {}

  /** Adds {@code schemas}; the version of the first one, which no entry made, is left out. */
  public static void writeSchemas(List<RecordedSchema> schemas, ObjectNode json) {
    ArrayNode list = json.putArray("schemas");
    for (RecordedSchema recorded : schemas) {
      ObjectNode object = list.addObject();
      SchemaJson.write(recorded.schema(), object);
      if (recorded.version() >= 0) {
        object.put("version", recorded.version());
      }
    }
  }

  /** Reads {@code schemas}, unchecked. */
  public static List<RecordedSchema> readSchemas(JsonObject json) {
    return json.objects(
        "schemas",
        Limits.FIELDS,
        schema ->
            new RecordedSchema(
                schema.optionalInteger("version").orElse(-1L), SchemaJson.read(schema)));
  }

  /** Refuses schemas, from id 0 on, that don't evolve each other or are of impossible versions. */
  public static void checkSchemas(JsonObject json, List<RecordedSchema> schemas, long version) {
    if (schemas.isEmpty() || schemas.get(0).schema().id() != 0) {
      throw json.corrupt("it has no schema 0");
    }
    for (int id = 1; id < schemas.size(); id++) {
      RecordedSchema schema = schemas.get(id);
      Optional<String> problem = schemas.get(id - 1).schema().problemOfEvolution(schema.schema());
      if (problem.isPresent()) {
        throw json.corrupt("schema " + id + " is out of its place: " + problem.get());
      }
      if (schema.version() < Math.max(0, schemas.get(id - 1).version())
          || schema.version() > version) {
        throw json.corrupt("schema " + id + " can't be of version " + schema.version());
      }
    }
  }

  /** Adds {@code skips}. */
  public static void writeSkips(List<RecordedSkip> skips, ObjectNode json) {
    ArrayNode list = json.putArray("skips");
    skips.forEach(
        skip ->
            list.addObject()
                .put("version", skip.version())
                .put("from", skip.from())
                .put("to", skip.to())
                .put("reason", skip.reason()));
  }

  /** Reads {@code skips}. */
  public static List<RecordedSkip> readSkips(JsonObject json) {
    return json.objects(
        "skips",
        MAX_SKIPS,
        skip ->
            new RecordedSkip(
                skip.integer("version"),
                skip.integer("from"),
                skip.integer("to"),
                skip.string("reason", Limits.REASON_LENGTH)));
  }
}
