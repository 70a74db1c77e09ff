// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Fetches each share when it is asked for, on the thread that asks. */
final class SharesOnDemand implements StepShares {
  private final LakeStream stream;
  private final ShareFetcher fetcher;
  private final Duration deadline;
  private Optional<GroupShare> current = Optional.empty();

  SharesOnDemand(LakeStream stream, ShareFetcher fetcher, Duration deadline) {
    this.stream = stream;
    this.fetcher = fetcher;
    this.deadline = deadline;
  }

  @Override
  public Optional<GroupShare> of(long step) throws IOException, InterruptedException {
    if (current.isPresent() && current.get().contains(step)) {
      return current;
    }
    if (!stream.awaitStep(step, deadline)) {
      return Optional.empty();
    }
    close();
    current = Optional.of(fetcher.fetch(fetcher.plan(step)));
    return current;
  }

  @Override
  public void close() {
    current.ifPresent(GroupShare::close);
    current = Optional.empty();
  }
}
