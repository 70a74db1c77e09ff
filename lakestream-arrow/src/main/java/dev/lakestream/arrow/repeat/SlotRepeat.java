// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.repeat;

import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.arrow.reader.SlotDirectories;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.RepeatRange;
import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.RepeatedSteps;
import dev.lakestream.repeat.RepeatOrder;
import dev.lakestream.repeat.RepeatRequest;
import dev.lakestream.repeat.Shuffle;
import dev.lakestream.repeat.StepPart;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Repeats steps with their slots permuted: every micro-batch comes once, in another step as a rule.
 * The i-th new step has as many slots as the i-th old one. Of a record rows, tokens and digest are
 * made anew; sources, tags and attributes belong to steps that are no more, and are left out.
 *
 * <p>Holds some hundred bytes for each slot of the range; a range of too many slots is refused.
 */
public final class SlotRepeat implements RepeatedSteps {
  /** Slots of a range: some hundred MB at most. */
  public static final int MAX_SLOTS = 1 << 21;

  private static final int PART_SLOTS = 1 << 16;

  private final RepeatRequest request;
  private final String key;
  private final List<Slot> slots;
  private final int[] slotsOfStep;
  private final long[] order;
  private int nextStep;
  private int nextSlot;

  /** One slot of the range, where it lies and what its directory says. */
  private record Slot(CellSource source, SlotSummary summary) {}

  private SlotRepeat(RepeatRequest request, String key, List<Slot> slots, int[] slotsOfStep) {
    this.request = request;
    this.key = key;
    this.slots = slots;
    this.slotsOfStep = slotsOfStep;
    this.order = LongStream.range(0, slots.size()).toArray();
    Shuffle.shuffle(order, request.seed());
  }

  /**
   * What a request means on a stream as it is at the last look. Reads the directories of all runs
   * of the range.
   *
   * @param key the idempotence key
   * @throws InvalidRequestException if it can't be committed, or the steps are of several schemas
   *     or numbers of pieces, which no step can mix
   * @throws dev.lakestream.error.StepUnavailableException if some of the steps were trimmed
   */
  public static SlotRepeat of(
      LakeStream stream, RepeatRequest request, String key, BufferAllocator allocator)
      throws IOException {
    request.check(stream.state());
    if (request.order() != RepeatOrder.SLOTS) {
      throw new InvalidRequestException("slots are permuted only in the order 'slots'");
    }
    try {
      return read(stream, request, key, allocator);
    } catch (CorruptObjectException damage) {
      // A vacuum that trims the steps meanwhile takes their bundles away; that is no damage.
      if (request.from() < stream.refresh().firstReadable()) {
        request.check(stream.state());
      }
      throw damage;
    }
  }

  private static SlotRepeat read(
      LakeStream stream, RepeatRequest request, String key, BufferAllocator allocator)
      throws IOException {
    long[] steps = request.steps(stream.state());
    List<Slot> slots = new ArrayList<>();
    int[] slotsOfStep = new int[steps.length];
    int next = 0;
    while (next < steps.length) {
      CommittedGroup group = stream.groupOf(steps[next]);
      checkMixes(group, slots, steps[next]);
      try (SlotDirectories directories =
          SlotDirectories.open(stream.storeOf(group), group, allocator)) {
        for (; next < steps.length && group.contains(steps[next]); next++) {
          slotsOfStep[next] = group.slots();
          add(slots, group, directories, steps[next]);
        }
      }
    }
    return new SlotRepeat(request, key, slots, slotsOfStep);
  }

  private static void checkMixes(CommittedGroup group, List<Slot> slots, long step) {
    if (slots.isEmpty()) {
      return;
    }
    var first = slots.get(0).source().bundle();
    if (first.schema() != group.schema() || first.pieces() != group.pieces()) {
      throw new InvalidRequestException(
          "slots can't be mixed across step "
              + step
              + ", where the schema or the number of pieces changes: repeat the steps before and"
              + " after it each on their own");
    }
  }

  private static void add(
      List<Slot> slots, CommittedGroup group, SlotDirectories directories, long step) {
    List<SlotSummary> summaries = directories.slots(step);
    if (slots.size() + summaries.size() > MAX_SLOTS) {
      throw new InvalidRequestException(
          "the range has more than " + MAX_SLOTS + " slots: repeat it in several parts");
    }
    for (CellSource source : group.sources(step)) {
      for (int slot = 0; slot < source.count(); slot++) {
        slots.add(
            new Slot(
                new CellSource(
                    source.bundle(), source.bundleSlot() + slot, 0, 1, source.bundleStep()),
                summaries.get(source.slot() + slot)));
      }
    }
  }

  @Override
  public RepeatRange range() {
    return request.range();
  }

  @Override
  public String idempotence() {
    return key;
  }

  @Override
  public Optional<CommitContent.Inline> next() {
    if (nextStep == slotsOfStep.length) {
      return Optional.empty();
    }
    StepPart part = new StepPart();
    int begin = nextSlot;
    while (nextStep < slotsOfStep.length && nextSlot - begin < PART_SLOTS) {
      List<Slot> mixed = new ArrayList<>();
      for (int slot = 0; slot < slotsOfStep[nextStep]; slot++) {
        mixed.add(slots.get((int) order[nextSlot++]));
      }
      nextStep++;
      part.add(mixed.stream().map(Slot::source).toList(), asRecord(mixed));
    }
    return Optional.of(part.content());
  }

  private static StepRecord asRecord(List<Slot> slots) {
    List<SlotSummary> summaries = slots.stream().map(Slot::summary).toList();
    return StepRecord.of(
        summaries.stream().mapToLong(SlotSummary::rows).sum(),
        summaries.stream().mapToLong(SlotSummary::tokens).sum(),
        StepDigest.of(summaries.stream().map(SlotSummary::digest).toList()));
  }
}
