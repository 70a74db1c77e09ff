// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What was asked to be repeated is there once, in exactly the order that its seed says, written
 * from {@code docs/format.md} §14 alone; and what nobody asked for is not.
 */
final class RepeatChecker {
  private final Log log;
  private final Testimony testimony;
  private final Map<String, Testimony.Repeat> requests = new HashMap<>();
  private final Map<String, Integer> versions = new HashMap<>();

  RepeatChecker(Log log, Testimony testimony) {
    this.log = log;
    this.testimony = testimony;
    testimony.repeats().forEach(request -> requests.putIfAbsent(request.key(), request));
  }

  void check() {
    for (int version = 0; version < log.entries().size(); version++) {
      if (log.entries().get(version).valid() && log.entries().get(version).json().has("repeat")) {
        check(version, log.entries().get(version).json());
      }
    }
    testimony.repeats().forEach(this::checkAcknowledged);
  }

  private void check(int version, JsonNode entry) {
    String key = entry.path("idempotence").asText();
    Testimony.Repeat request = requests.get(key);
    if (request == null) {
      throw new Violation(6, "version " + version + " repeats what nobody asked for: " + key);
    }
    Integer other = versions.putIfAbsent(key, version);
    if (other != null) {
      throw new Violation(6, key + " is there twice: versions " + other + " and " + version);
    }
    List<Long> expected = order(request);
    List<Truth.Step> steps = log.truth().steps();
    int first = entry.get("first_step").asInt();
    int made = 0;
    while (first + made < steps.size() && steps.get(first + made).version() == version) {
      made++;
    }
    boolean same = made == expected.size();
    for (int i = 0; same && i < made; i++) {
      same = steps.get(first + i).hasCellsOf(steps.get(expected.get(i).intValue()));
    }
    if (!same) {
      throw new Violation(
          6,
          request
              + " is to be the steps "
              + expected
              + ", it is "
              + steps.subList(first, first + made));
    }
  }

  private void checkAcknowledged(Testimony.Repeat request) {
    if (request.version().isPresent()
        && versions.getOrDefault(request.key(), -1) != request.version().get().intValue()) {
      throw new Violation(6, request + " was acknowledged and is not there");
    }
  }

  /** A Fisher–Yates shuffle from the end. */
  private static List<Long> order(Testimony.Repeat request) {
    List<Long> steps = new ArrayList<>();
    for (long step = request.from(); step < request.to(); step++) {
      steps.add(step);
    }
    if (request.seed().isPresent()) {
      Random random = new Random(request.seed().get());
      for (int i = steps.size() - 1; i > 0; i--) {
        Collections.swap(steps, i, random.nextInt(i + 1));
      }
    }
    return steps;
  }
}
