// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What producers and operators were told is what is in the log. */
final class PromiseChecker {
  private final Log log;
  private final Truth truth;
  private final Testimony testimony;
  private final Map<String, List<Integer>> versionsByState = new HashMap<>();

  PromiseChecker(Log log, Testimony testimony) {
    this.log = log;
    this.truth = log.truth();
    this.testimony = testimony;
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

  void check() {
    checkAttempts();
    checkOpenings();
    checkOperations();
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
}
