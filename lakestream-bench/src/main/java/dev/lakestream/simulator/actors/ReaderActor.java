// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.arrow.reader.SlotDirectories;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.reader.Cursor;
import dev.lakestream.retention.Heartbeats;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.checker.Violation;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A rank of a training run: follows the steps, stores cursors, crashes, and goes on from the last
 * cursor, sometimes under newer rules.
 */
final class ReaderActor extends Actor {
  private static final Duration DEADLINE = Duration.ofMillis(10);

  private final boolean speaks;
  private long nap = 100_000;
  private @Nullable String checkpoint;

  /**
   * A reader that has not begun.
   *
   * @param speaks whether it says often how far it got
   */
  ReaderActor(Stage stage, String name, boolean speaks) {
    super(stage, name);
    this.speaks = speaks;
  }

  @Override
  void live(SimulatedProcess process) throws IOException, InterruptedException {
    LakeStream stream = stage().open(process);
    long next = 0;
    long rules = -1;
    if (checkpoint != null) {
      Cursor cursor = Cursor.fromJson(checkpoint);
      if (cursor.nextStep() < stream.state().firstReadable()) {
        checkpoint = null; // the steps were trimmed: begin anew
        next = stream.state().firstReadable();
      } else {
        stream.check(cursor);
        next = cursor.nextStep();
        rules = cursor.rules();
      }
    } else {
      next = stream.state().firstReadable();
    }
    if (stage().chance(0.3)) {
      rules = stream.state().version();
    }
    read(process, stream, next, rules);
  }

  private void read(SimulatedProcess process, LakeStream stream, long from, long rules)
      throws IOException, InterruptedException {
    long next = from;
    List<Long> skipped = new ArrayList<>();
    boolean finished = false;
    try {
      while (!finished) {
        boolean workIsDone = stage().workIsDone();
        try {
          if (stream.awaitStep(next, DEADLINE)) {
            observe(stream, next, rules, skipped);
            next++;
            beat(stream, next);
            if (stage().chance(0.2)) {
              checkpoint = stream.cursor(next, rules).toJson();
            }
          } else {
            finished = true;
            if (speaks && stage().chance(0.5)) {
              new Heartbeats(stream).end(name());
            }
          }
        } catch (StepUnavailableException e) {
          if (next < stream.state().firstReadable()) {
            throw e; // trimmed before our eyes
          }
          finished = workIsDone;
          nap(process, finished);
        }
        if (stage().chance(0.1)) {
          process.pause(Stage.duration(stage().awhile()));
        }
      }
    } finally {
      stage()
          .testimony()
          .read(new Testimony.Reading(name(), rules, from, next, List.copyOf(skipped), finished));
    }
  }

  /** Producers may wait for whoever says how far it got, and no longer than that is news. */
  private void beat(LakeStream stream, long next) throws IOException {
    if (stage().chance(speaks ? 0.5 : 0.05)) {
      new Heartbeats(stream).beat(name(), next);
    }
  }

  private void nap(SimulatedProcess process, boolean finished) {
    if (!finished) {
      process.pause(Stage.duration(nap));
      nap = Math.min(nap * 3, 5L * 86_400_000_000L);
    }
  }

  private void observe(LakeStream stream, long step, long rules, List<Long> skipped)
      throws IOException {
    if (stream.state().skips(step, rules)) {
      skipped.add(step);
      return;
    }
    CommittedGroup group = stream.groupOf(step);
    if (!group.contains(step)) {
      throw new Violation(3, "the group of step " + step + " does not contain it");
    }
    stage().testimony().observed(Stage.observation(name(), group, step));
    if (stage().chance(group.step(step).tags().isEmpty() ? 0.5 : 0.1)) {
      lookInto(stream, group, step);
    }
  }

  /** Reads what the directories of the step's slots say of it. */
  private void lookInto(LakeStream stream, CommittedGroup group, long step) throws IOException {
    try (BufferAllocator allocator = new RootAllocator();
        SlotDirectories directories =
            SlotDirectories.open(stream.storeOf(group), group, allocator)) {
      List<SlotSummary> slots = directories.slots(step);
      stage()
          .testimony()
          .looked(
              new Testimony.Look(
                  name(),
                  step,
                  StepDigest.of(slots.stream().map(SlotSummary::digest).toList()).hex(),
                  slots.stream().mapToLong(SlotSummary::rows).sum(),
                  slots.stream().mapToLong(SlotSummary::tokens).sum()));
    } catch (CorruptObjectException e) {
      if (step < stream.refreshFirstReadable()) {
        throw new StepUnavailableException("step " + step + " was trimmed before our eyes");
      }
      throw e;
    }
  }
}
