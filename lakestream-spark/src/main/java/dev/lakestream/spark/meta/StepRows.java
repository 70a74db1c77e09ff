// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.meta;

import dev.lakestream.log.StepRecord;
import dev.lakestream.log.Totals;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;

/** One row for each step, group by group. */
final class StepRows extends LogRows {
  private final LakeStream stream;
  private final long end;
  private long step;

  StepRows(LakeStream stream, LogRange range) {
    this.stream = stream;
    this.step = range.first();
    this.end = range.end();
  }

  @Override
  boolean readMore() throws IOException {
    if (step >= end) {
      return false;
    }
    CommittedGroup group = stream.groupOf(step);
    Totals before = group.before(step);
    for (; step < Math.min(end, group.nextStep()); step++) {
      StepRecord record = group.step(step);
      add(group, record, before);
      before = before.plus(Totals.of(List.of(record)));
    }
    return true;
  }

  private void add(CommittedGroup group, StepRecord record, Totals before) {
    row(
        step,
        record.rows(),
        record.tokens(),
        record.lossTokensIfSaid().isPresent() ? (Long) record.lossTokens() : null,
        group.slots(),
        group.pieces(),
        group.schema(),
        group.version(),
        micros(group.time()),
        text(group.producer().id()),
        before.rows(),
        before.tokens(),
        map(record.sources()),
        texts(record.tags()),
        map(record.attributes()),
        text(record.digest().hex()));
  }
}
