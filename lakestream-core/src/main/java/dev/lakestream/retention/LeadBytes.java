// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.StepGroup;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Bytes of the steps between a reader and the tail, counted group by group as both go on: each
 * group is looked up once. Counting stops at a limit, so that memory is bounded by it, and a reader
 * that is far behind costs no more than one at the limit. Not thread-safe.
 */
final class LeadBytes {
  private final LakeStream stream;
  private final long limit;
  private final Deque<Counted> counted = new ArrayDeque<>();
  private long sum;

  private record Counted(long first, long next, long bytes) {}

  /**
   * Counts up to a limit.
   *
   * @param limit where it is enough
   */
  LeadBytes(LakeStream stream, long limit) {
    this.stream = stream;
    this.limit = limit;
  }

  /** Bytes of the readable steps from this one to the tail; the limit or more if it is reached. */
  long from(long step) throws IOException {
    long begin = Math.max(step, stream.state().firstReadable());
    if (!counted.isEmpty() && begin < counted.getFirst().first()) {
      counted.clear(); // the reader went back to an older checkpoint
      sum = 0;
    }
    while (!counted.isEmpty() && counted.getFirst().next() <= begin) {
      sum -= counted.removeFirst().bytes();
    }
    long next = counted.isEmpty() ? begin : counted.getLast().next();
    while (sum - readAlready(begin) < limit && next < stream.state().nextStep()) {
      CommittedGroup group = stream.groupOf(next);
      counted.addLast(new Counted(group.firstStep(), group.nextStep(), bytes(group)));
      sum += counted.getLast().bytes();
      next = group.nextStep();
    }
    return sum - readAlready(begin);
  }

  /** What of the first group lies before the step. */
  private long readAlready(long step) {
    if (counted.isEmpty() || counted.getFirst().first() >= step) {
      return 0;
    }
    Counted first = counted.getFirst();
    return (long)
        ((double) first.bytes() * (step - first.first()) / (first.next() - first.first()));
  }

  /** A step made of cells of several bundles takes its share of each. */
  private static long bytes(CommittedGroup group) {
    if (group.group() instanceof StepGroup.BundleGroup whole) {
      return group.bundles().get(whole.bundle()).bytes();
    }
    double bytes = 0;
    for (CellRange range : ((StepGroup.CellGroup) group.group()).cells()) {
      BundleDescriptor bundle = group.bundles().get(range.bundle());
      bytes += (double) bundle.bytes() * range.count() / ((double) bundle.slots() * bundle.steps());
    }
    return (long) bytes;
  }
}
