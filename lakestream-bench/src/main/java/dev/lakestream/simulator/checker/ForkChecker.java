// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.simulator.world.Archive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A fork begins with what its parent had, byte for byte; goes on alone; loses nothing until it is
 * deleted; and its name is used once. What it needs of its parent is kept like what a pin needs.
 */
final class ForkChecker {
  private final Log parent;
  private final Archive archive;
  private final Testimony testimony;

  ForkChecker(Log parent, Archive archive, Testimony testimony) {
    this.parent = parent;
    this.archive = archive;
    this.testimony = testimony;
  }

  void check() {
    Set<String> names = new HashSet<>();
    for (ForkTestimony fork : testimony.forks()) {
      if (!names.add(fork.name())) {
        throw new Violation(5, "the name of the fork " + fork.name() + " was used twice");
      }
      check(fork);
    }
  }

  private void check(ForkTestimony fork) {
    List<Archive.Change> changes = changesOf(fork);
    Log log = Log.ofFork(changes, parent);
    checkOrigin(fork, log.json(log.birth("stream.json")));
    checkCommits(fork, log);
    fork.readings().forEach(reading -> check(fork, reading, log));
    new SnapshotChecker(log, changes).check();
  }

  /** What happened below the fork's folder while somebody relied on it, under its own keys. */
  private List<Archive.Change> changesOf(ForkTestimony fork) {
    String folder = "forks/" + fork.name() + "/";
    List<Archive.Change> changes = new ArrayList<>();
    for (Archive.Change change : archive.changes()) {
      if (change.key().startsWith(folder) && change.number() < fork.until()) {
        String key = change.key().substring(folder.length());
        if (change.deletion() && change.number() >= fork.since()) {
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

  /** What the fork's document says of its parent is what the parent's log said at that version. */
  private void checkOrigin(ForkTestimony fork, JsonNode document) {
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

  private void check(ForkTestimony fork, ForkTestimony.Reading reading, Log log) {
    Testimony.Observation seen = reading.step();
    if (seen.step() >= log.truth().steps().size()) {
      throw new Violation(3, seen + " is no step of the fork " + fork.name());
    }
    Truth.Step step = log.truth().steps().get((int) seen.step());
    Log home = seen.step() < log.truth().firstOwn() ? parent : log;
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
