// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import dev.lakestream.log.Attachment;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamState;
import dev.lakestream.simulator.world.Archive;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges a finished history: what the processes were told against what the archive says, invariant
 * by invariant. Throws a {@link Violation} at the first that does not hold.
 */
public final class Checker {
  private final Archive archive;
  private final Testimony testimony;
  private final Log log;
  private final Truth truth;
  private final RetentionChecker retention;

  private Checker(Archive archive, Testimony testimony) {
    this.archive = archive;
    this.testimony = testimony;
    this.log = Log.of(archive.changes());
    this.truth = log.truth();
    this.retention = new RetentionChecker(log, archive.changes(), testimony.pins());
  }

  /** Reads the history. */
  public static Checker of(Archive archive, Testimony testimony) {
    return new Checker(archive, testimony);
  }

  /**
   * Checks everything.
   *
   * @param audit what a fresh opener finds at the end
   */
  public void check(Audit audit) {
    new RowChecker(log).check();
    new PromiseChecker(log, testimony).check();
    checkReaders();
    new RepeatChecker(log, testimony).check();
    new SnapshotChecker(log, archive.changes()).check();
    new ForkChecker(log, archive, testimony).check();
    new LeadChecker(truth, archive, testimony).check();
    retention.check();
    checkAudit(audit);
  }

  /**
   * Invariant 8, its second half: when all producers are fenced and the vacuum was here, only what
   * somebody needs is left.
   */
  public void checkNothingIsLeft(List<String> keys, int pendingUploads) {
    retention.checkNothingIsLeft(keys, pendingUploads);
  }

  /** Invariants 1, 3 and 7: whoever reads a step gets what the log says, and nothing else. */
  private void checkReaders() {
    for (Testimony.Observation observation : testimony.observations()) {
      if (observation.step() >= truth.steps().size()) {
        throw new Violation(3, observation + " is no step of the stream");
      }
      Truth.Step step = truth.steps().get((int) observation.step());
      if (!step.isSeenIn(observation)) {
        throw new Violation(3, observation + " is not what was committed: " + step);
      }
    }
    for (Testimony.Look look : testimony.looks()) {
      Truth.Step step = truth.steps().get((int) look.step());
      if (!look.digest().equals(step.digest())
          || look.rows() != step.rows()
          || look.tokens() != step.tokens()) {
        throw new Violation(3, look + " is not what was committed: " + step);
      }
    }
    for (Testimony.Reading reading : testimony.readings()) {
      List<Long> skipped = new ArrayList<>();
      for (long step = reading.from(); step < reading.next(); step++) {
        if (truth.skips(step, reading.rules())) {
          skipped.add(step);
        }
      }
      if (!skipped.equals(reading.skipped())) {
        throw new Violation(7, reading + " should have skipped " + skipped);
      }
      if (reading.finished() && reading.next() != truth.steps().size()) {
        throw new Violation(1, reading + " ended, there are " + truth.steps().size() + " steps");
      }
    }
  }

  /** What a fresh opener finds, through the newest snapshot, is what the whole log says. */
  private void checkAudit(Audit audit) {
    StreamState state = audit.state();
    Truth.Mark mark = truth.last();
    boolean same =
        state.version() == mark.version()
            && state.digest().hex().equals(mark.digest())
            && state.time() == mark.time()
            && state.nextStep() == mark.steps()
            && state.totals().rows() == mark.rows()
            && state.totals().tokens() == mark.tokens()
            && state.firstReadable() == mark.firstReadable()
            && state.sealed() == mark.sealed()
            && state.schemas().size() == mark.schemas()
            && state.skips().stream()
                .map(skip -> new Truth.Skip(skip.version(), skip.from(), skip.to()))
                .toList()
                .equals(mark.skips());
    if (!same) {
      throw new Violation(3, "an opener finds " + state + ", the log says " + mark);
    }
    Map<String, Truth.Producer> expected = new HashMap<>(truth.producers());
    for (ProducerState found : audit.producers()) {
      Truth.Producer producer = expected.remove(found.id());
      if (producer == null
          || producer.epoch() != found.epoch()
          || producer.sequence() != found.sequence()
          || producer.retired() != found.retired()
          || !producer.state().equals(found.state())
          || !producer.attachmentKeys().equals(keys(found.attachments()))) {
        throw new Violation(6, "an opener finds " + found + ", the log says " + producer);
      }
    }
    if (!expected.isEmpty()) {
      throw new Violation(6, "an opener does not find the producers " + expected.keySet());
    }
  }

  private static List<String> keys(List<Attachment> attachments) {
    return attachments.stream().map(attachment -> attachment.bundle().key().value()).toList();
  }
}
