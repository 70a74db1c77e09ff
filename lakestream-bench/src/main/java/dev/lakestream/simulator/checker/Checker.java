// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamState;
import dev.lakestream.simulator.world.Archive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Judges a finished history: what the processes were told against what the archive says, invariant
 * by invariant. Throws a {@link Violation} at the first that does not hold.
 */
public final class Checker {
  private final Archive archive;
  private final Testimony testimony;
  private final Log log;
  private final Truth truth;
  private final Map<String, List<Integer>> versionsByState = new HashMap<>();

  private Checker(Archive archive, Testimony testimony) {
    this.archive = archive;
    this.testimony = testimony;
    this.log = Log.of(archive);
    this.truth = log.truth();
    for (int version = 0; version < log.entries().size(); version++) {
      Log.Entry entry = log.entries().get(version);
      if (entry.valid()) {
        versionsByState.computeIfAbsent(stateOf(entry), state -> new ArrayList<>()).add(version);
      }
    }
  }

  private static String stateOf(Log.Entry entry) {
    return entry.json().at("/producer/id").asText() + " " + entry.json().path("state").asText();
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
    checkDurability();
    checkRows();
    checkAttempts();
    checkOpenings();
    checkOperations();
    checkReaders();
    new SnapshotChecker(log, archive).check();
    new RetentionChecker(log, archive, testimony).check();
    checkAudit(audit);
  }

  /**
   * Invariant 8, its second half: when all producers are fenced and the vacuum was here, only what
   * somebody needs is left.
   */
  public void checkNothingIsLeft(List<String> keys, int pendingUploads) {
    new RetentionChecker(log, archive, testimony).checkNothingIsLeft(keys, pendingUploads);
  }

  /** Invariant 4: data is durable before the entry that names it is put. */
  private void checkDurability() {
    for (Log.Entry entry : log.entries()) {
      for (JsonNode bundle : entry.json().path("bundles")) {
        checkThere(bundle, entry);
      }
      for (JsonNode attachment : entry.json().path("attachments")) {
        checkThere(attachment.get("bundle"), entry);
      }
    }
  }

  private void checkThere(JsonNode bundle, Log.Entry entry) {
    Archive.Change birth = log.births().get(bundle.get("key").asText());
    if (birth == null || birth.number() > entry.number()) {
      throw new Violation(
          4,
          "version "
              + entry.json().get("version")
              + " names "
              + bundle.get("key").asText()
              + ", which was not there");
    }
  }

  /** Invariant 6: each producer's rows once, in order, and its state says how far it got. */
  private void checkRows() {
    Map<String, Long> visible = new HashMap<>();
    int next = 0;
    for (Truth.Mark mark : truth.marks()) {
      for (; next < mark.steps(); next++) {
        Truth.Step step = truth.steps().get(next);
        RowRange rows = RowRange.parse(step.tags().get(0));
        long expected = visible.getOrDefault(rows.source(), 0L);
        if (rows.from() != expected) {
          throw new Violation(
              6,
              "step "
                  + next
                  + " of version "
                  + step.version()
                  + " has the rows "
                  + rows
                  + ", the next of this producer is "
                  + expected);
        }
        checkBundles(step, rows);
        visible.put(rows.source(), rows.to());
      }
      checkState(mark, visible);
    }
  }

  private void checkBundles(Truth.Step step, RowRange rows) {
    long from = Long.MAX_VALUE;
    long to = -1;
    for (String key : step.bundles()) {
      RowRange held = content(key);
      if ((to >= 0 && held.from() != to) || !held.source().equals(rows.source())) {
        throw new Violation(6, "the bundles of the rows " + rows + " do not join: " + step);
      }
      from = Math.min(from, held.from());
      to = held.to();
    }
    if (rows.from() < from || rows.to() > to) {
      throw new Violation(3, "the rows " + rows + " are not in the bundles " + step.bundles());
    }
  }

  private void checkState(Truth.Mark mark, Map<String, Long> visible) {
    Log.Entry entry = log.entries().get((int) mark.version());
    String id = entry.json().at("/producer/id").asText();
    Truth.Producer producer = mark.producers().get(id);
    if (!entry.valid() || producer == null) {
      return;
    }
    long reached = visible.getOrDefault(id, 0L);
    for (String key : producer.attachmentKeys()) {
      RowRange rest = content(key);
      if (rest.from() != reached) {
        throw new Violation(6, "the attachment " + rest + " does not go on at row " + reached);
      }
      reached = rest.to();
    }
    long state = Testimony.position(producer.state());
    if (state != reached) {
      throw new Violation(
          6, id + " says in version " + mark.version() + " " + state + ", it is at " + reached);
    }
  }

  private RowRange content(String key) {
    Archive.Change birth = log.births().get(key);
    if (birth == null) {
      throw new Violation(4, key + " was never there");
    }
    return RowRange.parse(new String(birth.content(), StandardCharsets.UTF_8));
  }

  /** Invariants 5 and 6: what was acknowledged is there once, what failed is not. */
  private void checkAttempts() {
    for (Testimony.Attempt attempt : testimony.attempts()) {
      List<Integer> versions =
          versionsByState.getOrDefault(attempt.producer() + " " + attempt.state(), List.of());
      String what = "the commit of " + attempt.producer() + " to " + attempt.state();
      if (versions.size() > 1) {
        throw new Violation(6, what + " is in the versions " + versions);
      }
      switch (attempt.outcome()) {
        case MADE -> checkMade(attempt, versions, what);
        case NOT_MADE -> {
          if (!versions.isEmpty()) {
            throw new Violation(6, what + " failed, and it is version " + versions.get(0));
          }
        }
        case UNKNOWN -> {}
      }
    }
  }

  private void checkMade(Testimony.Attempt attempt, List<Integer> versions, String what) {
    if (versions.isEmpty()) {
      throw new Violation(6, what + " was acknowledged, and it is not there");
    }
    JsonNode entry = log.entries().get(versions.get(0)).json();
    long steps = 0;
    for (JsonNode group : entry.path("steps")) {
      steps += group.get("steps").size();
    }
    if (versions.get(0) != attempt.version()
        || entry.get("first_step").asLong() != attempt.firstStep()
        || steps != attempt.steps()) {
      throw new Violation(
          6,
          what
              + " was acknowledged as version "
              + attempt.version()
              + ", step "
              + attempt.firstStep()
              + ", it is version "
              + versions.get(0)
              + ", step "
              + entry.get("first_step"));
    }
  }

  /** Invariant 6: a session begins where the log says that its former life got to. */
  private void checkOpenings() {
    for (Testimony.Opening opening : testimony.openings()) {
      Optional<Truth.Producer> opened =
          truth.marks().stream()
              .map(mark -> mark.producers().get(opening.producer()))
              .filter(
                  producer ->
                      producer != null
                          && producer.epoch() == opening.epoch()
                          && producer.sequence() == 0)
              .findFirst();
      if (opened.isEmpty()) {
        throw new Violation(6, opening + " never opened");
      }
      if (!opened.get().state().equals(opening.state())
          || !opened.get().attachmentKeys().equals(opening.attachmentKeys())) {
        throw new Violation(6, opening + " was told the wrong position: " + opened.get());
      }
    }
  }

  private void checkOperations() {
    for (Testimony.Operation operation : testimony.operations()) {
      if (operation.version().isPresent()) {
        int version = Math.toIntExact(operation.version().get());
        if (version >= log.entries().size()
            || !log.entries().get(version).valid()
            || !log.entries().get(version).text().contains(operation.mark())
            || !log.entries().get(version).text().contains(operation.type())) {
          throw new Violation(5, operation + " was acknowledged and is not there");
        }
      }
      if (!operation.mark().isEmpty()) {
        long times =
            log.entries().stream()
                .filter(entry -> entry.valid() && entry.text().contains(operation.mark()))
                .count();
        if (times > 1 || (times > 0 && operation.outcome() == Testimony.Outcome.NOT_MADE)) {
          throw new Violation(5, operation + " is there " + times + " times");
        }
      }
    }
  }

  /** Invariants 1, 3 and 7: whoever reads a step gets what the log says, and nothing else. */
  private void checkReaders() {
    for (Testimony.Observation observation : testimony.observations()) {
      if (observation.step() >= truth.steps().size()) {
        throw new Violation(3, observation + " is no step of the stream");
      }
      Truth.Step step = truth.steps().get((int) observation.step());
      if (step.version() != observation.version()
          || !step.entry().equals(observation.entry())
          || !step.digest().equals(observation.digest())
          || !step.tags().equals(observation.tags())) {
        throw new Violation(3, observation + " is not what was committed: " + step);
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
