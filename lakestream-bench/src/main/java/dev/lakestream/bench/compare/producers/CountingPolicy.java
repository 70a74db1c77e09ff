// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.producers;

import dev.lakestream.commit.CommitPolicy;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** A policy, and how many of its attempts won. Its counts may be read by any thread. */
final class CountingPolicy implements CommitPolicy {
  private final CommitPolicy policy;
  private final AtomicLong won = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();

  CountingPolicy(CommitPolicy policy) {
    this.policy = policy;
  }

  long won() {
    return won.get();
  }

  long lost() {
    return lost.get();
  }

  @Override
  public void looked(long began, long ended, List<Sighting> entries) {
    policy.looked(began, ended, entries);
  }

  @Override
  public void won(long began, long ended) {
    won.incrementAndGet();
    policy.won(began, ended);
  }

  @Override
  public void lost(long began, long ended) {
    lost.incrementAndGet();
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
