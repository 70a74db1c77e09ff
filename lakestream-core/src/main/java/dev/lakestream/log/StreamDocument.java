// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.schema.StreamSchema;
import java.util.List;
import java.util.UUID;

/**
 * {@code stream.json}: identity and creation facts of a stream ({@code docs/format.md} §3).
 *
 * @param created milliseconds since 1970
 * @param schema the first schema, id 0
 * @param defaults slots and pieces to begin with
 */
public record StreamDocument(
    UUID id,
    long created,
    String writer,
    List<String> requires,
    StreamSchema schema,
    Action.Defaults defaults) {
  public StreamDocument {
    requires = List.copyOf(requires);
  }
}
