// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.format.Digest;
import java.util.Optional;

/**
 * What became of an entry.
 *
 * @param digest of its bytes
 * @param problem why it is void; empty if it is valid
 */
public record Verdict(LogEntry entry, Digest digest, Optional<String> problem) {
  public boolean valid() {
    return problem.isEmpty();
  }

  /** The entry as the index keeps it: only if it is valid and has steps. */
  public Optional<CondensedCommit> condensed() {
    return valid() && entry.content().totals().steps() > 0
        ? Optional.of(
            new CondensedCommit(
                entry.version(),
                digest,
                entry.time(),
                entry.producer().orElseThrow(),
                entry.before(),
                entry.repeat(),
                entry.content()))
        : Optional.empty();
  }
}
