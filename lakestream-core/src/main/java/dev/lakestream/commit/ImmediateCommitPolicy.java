// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

import java.util.OptionalLong;

/**
 * Commits as soon as there is data, and tries again at once after a lost race. The best that one
 * producer can do alone. Among many it is a persistent protocol without a back-off: with P
 * producers about P puts are sent for each that wins.
 */
public final class ImmediateCommitPolicy implements CommitPolicy {
  @Override
  public void won(long began, long ended) {}

  @Override
  public void lost(long began, long ended) {}

  @Override
  public Move next(long now, OptionalLong readySince) {
    return new Move(Move.Kind.COMMIT, readySince.isPresent() ? now : Move.NEVER);
  }
}
