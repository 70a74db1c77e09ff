// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.repeat;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.RepeatRange;
import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.RepeatedSteps;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Repeats whole steps, in their order or permuted, with what the log says of each.
 *
 * <p>The new order is cut into parts of bounded size. For each of them the index is walked once in
 * the old order, so that each of its segments is fetched once, whatever the permutation. Bundles
 * that come out whole and in order stay one group.
 */
public final class StepRepeat implements RepeatedSteps {
  /** Steps of a part: some tens of MB as objects. */
  public static final int PART_STEPS = 32_768;

  private final LakeStream stream;
  private final RepeatRequest request;
  private final String key;
  private final long[] steps;
  private final int partSteps;
  private int next;

  private record Placed(CommittedGroup group, long step) {
    StepRecord stepRecord() {
      return group.step(step);
    }
  }

  private StepRepeat(LakeStream stream, RepeatRequest request, String key, int partSteps) {
    this.stream = stream;
    this.request = request;
    this.key = key;
    this.partSteps = partSteps;
    this.steps = request.steps(stream.state());
  }

  /**
   * What a request means on a stream, as it is at the last look.
   *
   * @throws InvalidRequestException if it can't be committed, or permutes slots
   * @throws dev.lakestream.error.StepUnavailableException if some of the steps were trimmed
   */
  public static StepRepeat of(LakeStream stream, RepeatRequest request) {
    return of(stream, request, request.key(), PART_STEPS);
  }

  /**
   * As {@link #of(LakeStream, RepeatRequest)}.
   *
   * @param key the idempotence key, if the same request is to be carried out more than once
   * @param partSteps how many steps are held at a time
   */
  public static StepRepeat of(LakeStream stream, RepeatRequest request, String key, int partSteps) {
    request.check(stream.state());
    if (request.order() == RepeatOrder.SLOTS) {
      throw new InvalidRequestException("slots can't be permuted without a look into the bundles");
    }
    return new StepRepeat(stream, request, key, partSteps);
  }

  @Override
  public RepeatRange range() {
    return request.range();
  }

  @Override
  public String idempotence() {
    return key;
  }

  /** How many steps there will be. */
  public int steps() {
    return steps.length;
  }

  @Override
  public Optional<CommitContent.Inline> next() throws IOException {
    if (next == steps.length) {
      return Optional.empty();
    }
    int stop = Math.min(steps.length, next + partSteps);
    Placed[] part = place(Arrays.copyOfRange(steps, next, stop));
    next = stop;
    return Optional.of(content(part));
  }

  /** Finds the steps in ascending order, which is that of the index. */
  private Placed[] place(long[] wanted) throws IOException {
    List<Integer> ascending =
        IntStream.range(0, wanted.length)
            .boxed()
            .sorted(Comparator.comparingLong(position -> wanted[position]))
            .toList();
    Placed[] placed = new Placed[wanted.length];
    Optional<CommittedGroup> last = Optional.empty();
    for (int position : ascending) {
      long step = wanted[position];
      CommittedGroup group =
          last.isPresent() && last.get().contains(step) ? last.get() : stream.groupOf(step);
      last = Optional.of(group);
      placed[position] = new Placed(group, step);
    }
    return placed;
  }

  private static CommitContent.Inline content(Placed[] placed) {
    StepPart part = new StepPart();
    int position = 0;
    while (position < placed.length) {
      CommittedGroup group = placed[position].group();
      if (isWholeAt(placed, position)) {
        List<StepRecord> records = new ArrayList<>();
        BundleDescriptor bundle = group.sources(group.firstStep()).get(0).bundle();
        for (int step = 0; step < bundle.steps(); step++) {
          records.add(placed[position + step].stepRecord());
        }
        part.addWhole(bundle, records);
        position += bundle.steps();
      } else {
        List<CellSource> sources = group.sources(placed[position].step());
        part.add(sources, placed[position].stepRecord());
        position++;
      }
    }
    return part.content();
  }

  /** Whether all steps of a bundle come one after the other from here on. */
  private static boolean isWholeAt(Placed[] placed, int position) {
    CommittedGroup group = placed[position].group();
    if (!group.isWholeBundle()) {
      return false;
    }
    int steps = group.sources(group.firstStep()).get(0).bundle().steps();
    if (group.nextStep() - group.firstStep() != steps || position + steps > placed.length) {
      return false;
    }
    for (int step = 0; step < steps; step++) {
      if (placed[position + step].step() != group.firstStep() + step) {
        return false;
      }
    }
    return true;
  }
}
