// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.meta;

import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** One row for each bundle of each commit, by the first of its steps that has cells of it. */
final class BundleRows extends LogRows {
  private final LakeStream stream;
  private final LogRange range;
  private final long last;
  private final Set<ObjectKey> seen = new HashSet<>();
  private long step;
  private long version = Long.MIN_VALUE;
  private boolean isOurs;

  BundleRows(LakeStream stream, LogRange range) {
    this.stream = stream;
    this.range = range;
    this.step = range.first();
    this.last = stream.state().nextStep();
  }

  @Override
  boolean readMore() throws IOException {
    if (step >= last) {
      return false;
    }
    CommittedGroup group = stream.groupOf(step);
    if (group.version() != version) {
      if (step >= range.end()) {
        return false;
      }
      version = group.version();
      seen.clear();
      isOurs = range.isFirst() || stream.commitOf(step).before().steps() >= range.first();
    }
    if (!isOurs) {
      step = stream.commitOf(step).nextStep();
      return true;
    }
    add(group);
    step = group.nextStep();
    return true;
  }

  private void add(CommittedGroup group) {
    for (CellSource source : group.sources(group.firstStep())) {
      BundleDescriptor bundle = source.bundle();
      if (seen.add(bundle.key())) {
        row(
            group.version(),
            group.firstStep(),
            text(group.producer().id()),
            text(bundle.key()),
            bundle.bytes(),
            text(bundle.format().name().toLowerCase(Locale.ROOT)),
            bundle.schema(),
            bundle.steps(),
            bundle.slots(),
            bundle.pieces());
      }
    }
  }
}
