// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import dev.lakestream.simulator.world.Archive;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Invariant 8: nothing that somebody may need is deleted, nothing unreachable is kept for ever. */
final class RetentionChecker {
  private final Log log;
  private final List<Archive.Change> changes;
  private final List<Testimony.Pin> pins;
  private final int[] trimmedAt;
  private final Map<String, List<Need>> needs = new HashMap<>();

  /** Bundles of commits that have a readable step at the end: they go together. */
  private final Set<String> besideReadable = new HashSet<>();

  /** An object is needed from one change to another one. */
  private record Need(int from, int to, String why) {}

  RetentionChecker(Log log, List<Archive.Change> changes, List<Testimony.Pin> pins) {
    this.log = log;
    this.changes = changes;
    this.pins = pins;
    this.trimmedAt = trimmedAt(log);
    collectNeeds();
  }

  void check() {
    for (Archive.Change change : changes) {
      if (change.deletion() && change.key().startsWith("data/")) {
        for (Need need : needs.getOrDefault(change.key(), List.of())) {
          if (change.number() < need.to()) {
            throw new Violation(8, change.key() + " was deleted: " + need.why() + " needs it");
          }
        }
      }
    }
    pins.forEach(this::check);
  }

  private void check(Testimony.Pin pin) {
    long readable = 0;
    for (Truth.Mark mark : log.truth().ownMarks()) {
      int number = log.entries().get((int) mark.version()).number();
      boolean trims = mark.firstReadable() > readable;
      readable = mark.firstReadable();
      if (readable > pin.from() && number < pin.until() && (trims || number >= pin.since())) {
        throw new Violation(
            8,
            pin.name()
                + " pins step "
                + pin.from()
                + ", version "
                + mark.version()
                + " trimmed to "
                + readable);
      }
    }
  }

  /** What is there when all is fenced and swept. */
  void checkNothingIsLeft(List<String> keys, int pendingUploads) {
    Set<String> needed = new HashSet<>(besideReadable);
    needs.forEach(
        (key, list) -> {
          if (list.stream().anyMatch(need -> need.to() == Integer.MAX_VALUE)) {
            needed.add(key);
          }
        });
    for (String key : keys) {
      // A key of an epoch that was never opened, nor comes next, is nobody's: people look at it.
      if (key.startsWith("data/") && !needed.contains(key) && !key.contains("/somebody-else/")) {
        throw new Violation(8, key + " is left and nobody needs it");
      }
    }
    if (pendingUploads > 0) {
      throw new Violation(8, pendingUploads + " unfinished uploads are left");
    }
  }

  private void collectNeeds() {
    List<Truth.Mark> marks = log.truth().ownMarks();
    int next = (int) log.truth().firstOwn(); // what lies before is the parent's
    Map<String, List<String>> attachments = new HashMap<>();
    Map<String, Integer> attachedSince = new HashMap<>();
    for (Truth.Mark mark : marks) {
      int number = log.entries().get((int) mark.version()).number();
      for (; next < mark.steps(); next++) {
        int trimmed = trimmedAt(next);
        for (String key : log.truth().steps().get(next).bundles()) {
          need(key, number, trimmed, "step " + next);
          if (trimmedAt(mark.steps() - 1) == Integer.MAX_VALUE) {
            besideReadable.add(key);
          }
        }
      }
      for (Truth.Producer producer : mark.producers().values()) {
        List<String> before = attachments.getOrDefault(producer.id(), List.of());
        List<String> now = producer.attachmentKeys();
        if (!now.equals(before)) {
          int since = attachedSince.getOrDefault(producer.id(), number);
          before.forEach(key -> need(key, since, number, "an attachment"));
          attachments.put(producer.id(), now);
          attachedSince.put(producer.id(), number);
        }
      }
    }
    attachments.forEach(
        (producer, keys) ->
            keys.forEach(
                key ->
                    need(
                        key,
                        attachedSince.getOrDefault(producer, 0),
                        Integer.MAX_VALUE,
                        "an attachment")));
  }

  private void need(String key, int from, int to, String why) {
    needs.computeIfAbsent(key, absent -> new ArrayList<>()).add(new Need(from, to, why));
  }

  private int trimmedAt(long step) {
    return trimmedAt[(int) step];
  }

  private static int[] trimmedAt(Log log) {
    int[] trimmed = new int[log.truth().steps().size()];
    Arrays.fill(trimmed, Integer.MAX_VALUE);
    int next = 0;
    for (Truth.Mark mark : log.truth().ownMarks()) {
      for (; next < mark.firstReadable(); next++) {
        trimmed[next] = log.entries().get((int) mark.version()).number();
      }
    }
    return trimmed;
  }
}
