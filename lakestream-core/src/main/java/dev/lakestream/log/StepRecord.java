// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.format.Digest;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What the log says of one step. Rows and tokens of each slot stand in the run directories.
 *
 * @param tokens 0 where the producer does not count
 * @param lossTokens tokens that count for the loss, −1 where the producer does not say
 * @param sources rows by source
 */
public record StepRecord(
    long rows,
    long tokens,
    long lossTokens,
    Digest digest,
    Map<String, Long> sources,
    List<String> tags,
    Map<String, String> attributes)
    implements Serializable {
  public static final long UNSAID = -1;

  public StepRecord {
    sources = Map.copyOf(sources);
    tags = List.copyOf(tags);
    attributes = Map.copyOf(attributes);
  }

  /** A step of which only the counts are known. */
  public static StepRecord of(long rows, long tokens, Digest digest) {
    return new StepRecord(rows, tokens, UNSAID, digest, Map.of(), List.of(), Map.of());
  }

  public OptionalLong lossTokensIfSaid() {
    return lossTokens == UNSAID ? OptionalLong.empty() : OptionalLong.of(lossTokens);
  }
}
