// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import dev.lakestream.simulator.world.Archive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Producers wait for the slowest reader that lives, and for nobody else: whoever was let through
 * was not too far ahead of anybody who had lived all the time that it asked; whoever was held back
 * for longer than heartbeats last was held back by somebody who had just spoken.
 *
 * <p>Whoever asks before each bundle is then ahead by the limit and one bundle at most.
 */
final class LeadChecker {
  /** What a gate has seen it may use for so long, in microseconds. */
  private static final long REMEMBERED = 5_000_000;

  private final Truth truth;
  private final Testimony testimony;
  private final Map<String, List<Beat>> jobs = new TreeMap<>();

  /**
   * A heartbeat, or its end.
   *
   * @param nextStep negative where it ended
   */
  private record Beat(long time, long nextStep) {}

  LeadChecker(Truth truth, Archive archive, Testimony testimony) {
    this.truth = truth;
    this.testimony = testimony;
    if (testimony.gates().isEmpty()) {
      return;
    }
    for (Archive.Change change : archive.changes()) {
      if (change.key().startsWith("progress/")) {
        long nextStep =
            change.deletion() ? -1 : Log.parse(change.content()).get("next_step").asLong();
        jobs.computeIfAbsent(change.key(), key -> new ArrayList<>())
            .add(new Beat(change.time(), nextStep));
      }
    }
  }

  void check() {
    testimony.gates().forEach(gate -> check(gate));
  }

  private void check(Testimony.Gate gate) {
    if (gate.mayGoOn()) {
      jobs.forEach((job, beats) -> checkLead(gate, job, beats));
    } else if (jobs.values().stream().noneMatch(beats -> spoke(gate, beats))) {
      throw new Violation(0, gate + " is held back, and nobody lives who is behind");
    }
  }

  private static boolean spoke(Testimony.Gate gate, List<Beat> beats) {
    long since = gate.begun() + gate.patience() - gate.expiry();
    return beats.stream()
        .anyMatch(
            beat -> beat.nextStep() >= 0 && beat.time() >= since && beat.time() <= gate.ended());
  }

  private void checkLead(Testimony.Gate gate, String job, List<Beat> beats) {
    long from = gate.begun() - REMEMBERED;
    long spoken = Long.MIN_VALUE;
    long furthest = -1;
    for (Beat beat : beats) {
      if (beat.time() <= from) {
        furthest = beat.nextStep();
        spoken = beat.time();
      } else if (beat.time() <= gate.ended()) {
        if (furthest < 0 || beat.nextStep() < 0 || beat.time() - spoken >= gate.expiry()) {
          return; // it did not live all the time
        }
        furthest = Math.max(furthest, beat.nextStep());
        spoken = beat.time();
      }
    }
    if (furthest < 0 || gate.ended() - spoken >= gate.expiry()) {
      return;
    }
    if (lead(gate, Math.max(furthest, gate.readable())) >= gate.maxLead()) {
      throw new Violation(0, gate + " may go on, " + job + " is at step " + furthest);
    }
  }

  /** In steps, or in bytes; those of a group may be rounded down. */
  private long lead(Testimony.Gate gate, long step) {
    if (!gate.inBytes()) {
      return gate.tail() - step;
    }
    double bytes = 0;
    for (Truth.Step ahead :
        truth.steps().subList((int) Math.min(step, gate.tail()), (int) gate.tail())) {
      bytes += ahead.bytes() - 1;
    }
    return (long) bytes;
  }
}
