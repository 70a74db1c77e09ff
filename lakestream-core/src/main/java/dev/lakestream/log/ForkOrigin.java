// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.format.Digest;
import java.util.List;
import java.util.UUID;

/**
 * Where a fork leaves its parent ({@code docs/format.md} §13).
 *
 * @param parent id of the parent
 * @param name of the fork, that of its folder
 * @param version of the parent when it was forked; the fork's log goes on after it
 * @param before the parent's totals before the first own step of the fork
 * @param firstReadable of the parent
 * @param chain of the parent's cursor at the first own step; zeros if the step before was trimmed
 * @param digest of that cursor
 * @param schemas the parent's from id 1 on
 * @param skips the parent's, cut to the steps before the first own one
 */
public record ForkOrigin(
    UUID parent,
    String name,
    long version,
    Totals before,
    long firstReadable,
    Digest chain,
    Digest digest,
    List<RecordedSchema> schemas,
    List<RecordedSkip> skips) {
  public ForkOrigin {
    schemas = List.copyOf(schemas);
    skips = List.copyOf(skips);
  }

  /** The first step of the fork's own; those before are the parent's. */
  public long step() {
    return before.steps();
  }
}
