// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.schema.StreamSchema;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code stream.json}: identity and creation facts of a stream ({@code docs/format.md} §3).
 *
 * @param created milliseconds since 1970
 * @param schema the first schema, id 0
 * @param defaults slots and pieces to begin with
 * @param fork where it leaves its parent, if it is a fork
 */
public record StreamDocument(
    UUID id,
    long created,
    String writer,
    List<String> requires,
    StreamSchema schema,
    Action.Defaults defaults,
    Optional<ForkOrigin> fork) {
  public StreamDocument {
    requires = List.copyOf(requires);
  }

  /** That of a stream that is no fork. */
  public StreamDocument(
      UUID id,
      long created,
      String writer,
      List<String> requires,
      StreamSchema schema,
      Action.Defaults defaults) {
    this(id, created, writer, requires, schema, defaults, Optional.empty());
  }
}
