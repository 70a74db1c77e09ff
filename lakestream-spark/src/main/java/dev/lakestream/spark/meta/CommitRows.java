// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.meta;

import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.RepeatRange;
import dev.lakestream.log.Totals;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One row for each commit with steps. */
final class CommitRows extends LogRows {
  private final LakeStream stream;
  private final LogRange range;
  private long step;

  CommitRows(LakeStream stream, LogRange range) {
    this.stream = stream;
    this.range = range;
    this.step = range.first();
  }

  @Override
  boolean readMore() throws IOException {
    if (step >= range.end()) {
      return false;
    }
    CondensedCommit commit = stream.commitOf(step);
    if (commit.before().steps() >= range.first() || range.isFirst()) {
      add(commit);
    }
    step = commit.nextStep();
    return true;
  }

  private void add(CondensedCommit commit) {
    Totals totals = commit.content().totals();
    row(
        commit.version(),
        micros(commit.time()),
        text(commit.producer().id()),
        commit.producer().epoch(),
        commit.producer().sequence(),
        commit.before().steps(),
        totals.steps(),
        totals.rows(),
        totals.tokens(),
        commit.before().rows(),
        commit.before().tokens(),
        orNull(commit.repeat().map(RepeatRange::from)),
        orNull(commit.repeat().map(RepeatRange::to)),
        text(commit.digest().hex()));
  }

  private static @Nullable Long orNull(Optional<Long> value) {
    return value.isPresent() ? value.get() : null;
  }
}
