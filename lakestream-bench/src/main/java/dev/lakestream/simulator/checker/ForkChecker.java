// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.simulator.world.Archive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A fork begins with what its parent had, byte for byte; goes on alone; loses nothing until it is
 * deleted; and its name is used once. What it needs of its parent is kept like what a pin needs.
 */
final class ForkChecker {
  private static final List<String> SWEPT =
      List.of("data/", "log/", "snapshots/", "segments/", "horizon/", "pins/", "forks/");

  private final Log stream;
  private final Archive archive;
  private final Testimony testimony;

  ForkChecker(Log stream, Archive archive, Testimony testimony) {
    this.stream = stream;
    this.archive = archive;
    this.testimony = testimony;
  }

  /** A log, and those of what it is a fork of. */
  private record Line(Log log, Optional<Line> parent) {
    /** The log that made a step visible. */
    Log home(long step) {
      return parent.isPresent() && step < log.truth().firstOwn() ? parent.get().home(step) : log;
    }
  }

  void check() {
    Set<String> names = new HashSet<>();
    for (ForkTestimony fork : testimony.forks()) {
      if (!names.add(fork.folder())) {
        throw new Violation(5, "the name of the fork " + fork.folder() + " was used twice");
      }
      check(fork);
    }
  }

  private void check(ForkTestimony fork) {
    List<Archive.Change> changes = changesOf(fork);
    Line line = lineOf(fork);
    Log log = line.log();
    checkOrigin(fork, log.json(log.birth("stream.json")), line.parent().orElseThrow().log());
    checkCommits(fork, log);
    fork.readings().forEach(reading -> check(fork, reading, line));
    new SnapshotChecker(log, changes).check();
    new RetentionChecker(log, changes, fork.pins()).check();
  }

  private Line lineOf(ForkTestimony fork) {
    Line parent = fork.parent().map(this::lineOf).orElse(new Line(stream, Optional.empty()));
    return new Line(Log.ofFork(changesOf(fork), parent.log()), Optional.of(parent));
  }

  /** What happened below the fork's folder while somebody relied on it, under its own keys. */
  private List<Archive.Change> changesOf(ForkTestimony fork) {
    String folder = fork.folder();
    List<Archive.Change> changes = new ArrayList<>();
    for (Archive.Change change : archive.changes()) {
      if (change.key().startsWith(folder) && change.number() < fork.until()) {
        String key = change.key().substring(folder.length());
        if (change.deletion() && change.number() >= fork.since() && !mayBeSwept(key)) {
          throw new Violation(8, key + " of the fork " + fork.name() + " was deleted");
        }
        changes.add(
            new Archive.Change(
                change.number(),
                change.time(),
                key,
                change.deletion(),
                change.content(),
                change.replaces()));
      }
    }
    return changes;
  }

  /** What its own vacuum may delete, as others judge; a fork of it is judged by itself. */
  private static boolean mayBeSwept(String key) {
    return SWEPT.stream().anyMatch(key::startsWith);
  }

  /** What the fork's document says of its parent is what the parent's log said at that version. */
  private static void checkOrigin(ForkTestimony fork, JsonNode document, Log parent) {
    JsonNode origin = document.get("fork");
    int version = origin.path("version").asInt(-1);
    long step = origin.get("step").asLong();
    if (version < 0) {
      if (step != 0) {
        throw new Violation(3, fork.name() + " begins at step " + step + " of an empty stream");
      }
      return;
    }
    Truth.Mark mark = parent.truth().marks().get(version);
    long rows = 0;
    long tokens = 0;
    for (Truth.Step before : parent.truth().steps().subList(0, (int) step)) {
      rows += before.rows();
      tokens += before.tokens();
    }
    boolean same =
        step <= mark.steps()
            && origin.get("rows").asLong() == rows
            && origin.get("tokens").asLong() == tokens
            && origin.path("first_readable").asLong() == mark.firstReadable()
            && origin.path("schemas").size() + 1 == mark.schemas()
            && origin.path("skips").size()
                == mark.skips().stream().filter(skip -> skip.from() < step).count();
    if (!same) {
      throw new Violation(3, fork.name() + " says " + origin + ", its parent was at " + mark);
    }
  }

  private static void checkCommits(ForkTestimony fork, Log log) {
    for (ForkTestimony.Commit commit : fork.commits()) {
      boolean there =
          commit.version() < log.entries().size()
              && log.entries().get((int) commit.version()).valid()
              && log.entries()
                  .get((int) commit.version())
                  .json()
                  .path("state")
                  .asText()
                  .equals(commit.state())
              && log.truth().steps().get((int) commit.firstStep()).version() == commit.version();
      if (!there) {
        throw new Violation(6, commit + " to " + fork.name() + " is not there");
      }
    }
  }

  private void check(ForkTestimony fork, ForkTestimony.Reading reading, Line line) {
    Log log = line.log();
    Testimony.Observation seen = reading.step();
    if (seen.step() >= log.truth().steps().size()) {
      throw new Violation(3, seen + " is no step of the fork " + fork.name());
    }
    Truth.Step step = log.truth().steps().get((int) seen.step());
    Log home = line.home(seen.step());
    List<String> content =
        step.bundles().stream()
            .map(home::birth)
            .map(birth -> new String(birth.content(), StandardCharsets.UTF_8))
            .toList();
    if (!step.isSeenIn(seen) || !content.equals(reading.content())) {
      throw new Violation(
          3, fork.name() + " was read as " + reading + ", it is " + step + " with " + content);
    }
  }
}
