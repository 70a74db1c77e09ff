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
    List<Truth.Step> all = log.truth().steps();
    List<Truth.Step> old = all.subList((int) request.from(), (int) request.to());
    int first = entry.get("first_step").asInt();
    int made = 0;
    while (first + made < all.size() && all.get(first + made).version() == version) {
      made++;
    }
    List<Truth.Step> steps = all.subList(first, first + made);
    if (!(request.slots() ? isOfSlots(request, old, steps) : isOfSteps(request, old, steps))) {
      throw new Violation(6, request + " is to be made of " + old + ", it is " + steps);
    }
  }

  private static boolean isOfSteps(
      Testimony.Repeat request, List<Truth.Step> old, List<Truth.Step> made) {
    List<Truth.Step> expected = permuted(request, old);
    boolean same = made.size() == expected.size();
    for (int i = 0; same && i < made.size(); i++) {
      same = made.get(i).hasCellsOf(expected.get(i));
    }
    return same;
  }

  /** Each has as many slots as the one in its place, and says nothing of the old ones. */
  private static boolean isOfSlots(
      Testimony.Repeat request, List<Truth.Step> old, List<Truth.Step> made) {
    List<Truth.Slot> slots = new ArrayList<>();
    old.forEach(step -> slots.addAll(step.slots()));
    List<Truth.Slot> expected = permuted(request, slots);
    boolean same = made.size() == old.size();
    int next = 0;
    for (int i = 0; same && i < made.size(); i++) {
      int stop = next + old.get(i).slots().size();
      same = made.get(i).slots().equals(expected.subList(next, stop));
      same &= made.get(i).tags().isEmpty();
      next = stop;
    }
    return same;
  }

  private void checkAcknowledged(Testimony.Repeat request) {
    if (request.version().isPresent()
        && versions.getOrDefault(request.key(), -1) != request.version().get().intValue()) {
      throw new Violation(6, request + " was acknowledged and is not there");
    }
  }

  /** A Fisher–Yates shuffle from the end. */
  private static <T> List<T> permuted(Testimony.Repeat request, List<T> values) {
    List<T> permuted = new ArrayList<>(values);
    if (request.seed().isPresent()) {
      Random random = new Random(request.seed().get());
      for (int i = permuted.size() - 1; i > 0; i--) {
        Collections.swap(permuted, i, random.nextInt(i + 1));
      }
    }
    return permuted;
  }
}
