// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.commit.CommitPolicy;
import java.util.List;
import java.util.OptionalLong;

/** Counts the attempts that a policy hears of. Not thread-safe, as the policy. */
final class MeteredPolicy implements CommitPolicy {
  private final CommitPolicy policy;
  private long attempts;

  MeteredPolicy(CommitPolicy policy) {
    this.policy = policy;
  }

  /** Attempts that were answered, lost races too. */
  long attempts() {
    return attempts;
  }

  @Override
  public void looked(long began, long ended, List<Sighting> entries) {
    policy.looked(began, ended, entries);
  }

  @Override
  public void won(long began, long ended) {
    attempts++;
    policy.won(began, ended);
  }

  @Override
  public void lost(long began, long ended) {
    attempts++;
    policy.lost(began, ended);
  }

  @Override
  public Move next(long now, OptionalLong readySince) {
    return policy.next(now, readySince);
  }

  @Override
  public OptionalLong interval() {
    return policy.interval();
  }
}
