// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.JsonObject;
import dev.lakestream.schema.StreamSchema;
import java.util.ArrayList;
import java.util.List;

/** The member {@code fork} of {@code stream.json} ({@code docs/format.md} §13). */
final class ForkJson {
  private ForkJson() {}

  static void write(ForkOrigin origin, ObjectNode json) {
    json.put("parent", origin.parent().toString()).put("name", origin.name());
    if (origin.version() >= 0) {
      json.put("version", origin.version());
    }
    json.put("step", origin.before().steps())
        .put("rows", origin.before().rows())
        .put("tokens", origin.before().tokens())
        .put("first_readable", origin.firstReadable())
        .put("chain", origin.chain().hex())
        .put("digest", origin.digest().hex());
    RecordedJson.writeSchemas(origin.schemas(), json);
    RecordedJson.writeSkips(origin.skips(), json);
  }

  /**
   * Reads the member.
   *
   * @param first the schema of id 0, which the others evolve
   */
  static ForkOrigin read(JsonObject json, StreamSchema first) {
    long version = json.optionalInteger("version").orElse(-1L);
    Totals before = new Totals(json.integer("step"), json.integer("rows"), json.integer("tokens"));
    if (before.steps() == 0 && !before.equals(Totals.ZERO)) {
      throw json.corrupt("it begins with step 0 and has rows or tokens before it");
    }
    List<RecordedSchema> schemas = RecordedJson.readSchemas(json);
    List<RecordedSchema> all = new ArrayList<>(schemas);
    all.add(0, new RecordedSchema(-1, first));
    RecordedJson.checkSchemas(json, all, version);
    List<RecordedSkip> skips = RecordedJson.readSkips(json);
    for (RecordedSkip skip : skips) {
      if (skip.version() > version || skip.from() >= skip.to() || skip.to() > before.steps()) {
        throw json.corrupt(
            "it can't have a skip of ["
                + skip.from()
                + ", "
                + skip.to()
                + ") of "
                + skip.version());
      }
    }
    return new ForkOrigin(
        json.uuid("parent"),
        json.name("name"),
        version,
        before,
        json.integer("first_readable", 0, before.steps()),
        json.digest("chain"),
        json.digest("digest"),
        schemas,
        skips);
  }

  /** Refuses a member that some client would not know that it has to know. */
  static void checkRequired(JsonObject json, List<String> requires) {
    if (json.has("fork") != requires.contains(Features.FORK)) {
      throw json.corrupt("it must have both the member 'fork' and that feature, or neither");
    }
  }
}
