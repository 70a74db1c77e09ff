// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who committed before and after one's own last commit: one's place in the ring, as the log tells
 * it. Bounded: {@link #KNOWN} predecessors and one successor.
 */
final class Neighbours {
  /** How many predecessors are known; a longer row of them that left is waited for as this many. */
  static final int KNOWN = 32;

  /** Entries in which the predecessors are looked for, so that one's repetitions hide nobody. */
  private static final int REMEMBERED = 4 * KNOWN;

  private static final long NOT_YET = Long.MIN_VALUE;

  private final String[] recent = new String[REMEMBERED];
  private int sinceOwn;

  private final Map<String, Integer> distance = new LinkedHashMap<>();
  private final long[] cameAt = new long[KNOWN];
  private String successor = "";
  private boolean overtaken;

  /** One's own entry came: from here on its predecessors are those to wait for. */
  void sawOwn() {
    Set<String> before = new LinkedHashSet<>();
    int readable = Math.min(sinceOwn, REMEMBERED);
    for (int back = 1; back <= readable && before.size() < KNOWN; back++) {
      before.add(recent[(sinceOwn - back) % REMEMBERED]);
    }
    distance.clear();
    for (String producer : before) {
      distance.put(producer, distance.size());
    }
    Arrays.fill(cameAt, NOT_YET);
    Arrays.fill(recent, "");
    sinceOwn = 0;
    successor = "";
    overtaken = false;
  }

  /** Another producer's entry came, and was there at this time at the latest. */
  void sawOther(String producer, long at) {
    if (sinceOwn == 0) {
      successor = producer;
    } else if (producer.equals(successor)) {
      overtaken = true;
    }
    recent[sinceOwn % REMEMBERED] = producer;
    // Stays small, and means the same modulo the size.
    sinceOwn = sinceOwn < 2 * REMEMBERED ? sinceOwn + 1 : sinceOwn + 1 - REMEMBERED;
    Integer known = distance.get(producer);
    if (known != null) {
      cameAt[known] = at;
    }
  }

  /** Whether there was anybody before one's own last entry. */
  boolean arePresent() {
    return !distance.isEmpty();
  }

  /** How many of those right before one's own place have not come since; 0 if it is one's turn. */
  int missing() {
    int missing = 0;
    while (missing < distance.size() && cameAt[missing] == NOT_YET) {
      missing++;
    }
    return missing;
  }

  /** Whether nobody of those known has come since. */
  boolean areAllMissing() {
    return missing() == distance.size();
  }

  /** When the nearest one came that has come. */
  long nearestCameAt() {
    return cameAt[missing()];
  }

  /** Whether the one after oneself has come twice: one's turn is over and nobody waits for it. */
  boolean haveOvertaken() {
    return overtaken;
  }

  /** For tests: the nearest first. */
  List<String> predecessors() {
    return List.copyOf(distance.keySet());
  }
}
