// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.format.Digest;
import java.util.Optional;

/**
 * A valid entry with steps, as the index keeps it.
 *
 * @param digest of the entry's bytes
 * @param before totals of the stream before it
 * @param repeat the steps whose cells it commits once more
 */
public record CondensedCommit(
    long version,
    Digest digest,
    long time,
    ProducerStamp producer,
    Totals before,
    Optional<RepeatRange> repeat,
    CommitContent content) {
  /** The step after its last one. */
  public long nextStep() {
    return before.steps() + content.totals().steps();
  }
}
