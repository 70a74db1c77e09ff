// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import dev.lakestream.cli.demo.RankLog.Delivery;
import dev.lakestream.cli.demo.RankLog.Row;
import dev.lakestream.cli.demo.RankLog.SlotRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Judges what the ranks of a phase got against what Spark digested before it wrote. Collects
 * everything that is wrong instead of stopping at the first, so that a broken run can be
 * understood.
 */
final class Proof {
  private final List<String> faults = new ArrayList<>();
  private final Set<Long> delivered = new HashSet<>();
  private long checkedRows;

  /** What a phase got: each rank with its log. */
  record PhaseResult(
      SampleDigest.Division division, int slots, long from, long to, Map<Rank, RankLog> logs) {}

  /** What a row should be: one digest for each cp rank. */
  record Expected(Map<SampleDigest.Division, List<String>> digests) {}

  /** Checks one phase; rows may not have been delivered in a phase before. */
  void check(PhaseResult phase, Map<Long, Expected> expected) {
    Map<Integer, Map<String, List<Long>>> idsOfCpRank = new HashMap<>();
    phase
        .logs()
        .forEach(
            (rank, log) -> {
              checkSteps(phase, rank, log);
              Map<String, List<Long>> ids =
                  idsOfCpRank.computeIfAbsent(rank.cpRank(), absent -> new HashMap<>());
              for (Delivery delivery : log.steps()) {
                checkRows(phase, rank, delivery, expected, ids);
              }
            });
    // The ranks of a context-parallel group must have got parts of the same rows, in the same
    // order.
    idsOfCpRank.forEach(
        (cpRank, ids) -> {
          if (!ids.equals(idsOfCpRank.get(0))) {
            faults.add("cp rank " + cpRank + " got other rows than cp rank 0");
          }
        });
    idsOfCpRank.getOrDefault(0, Map.of()).values().forEach(this::deliver);
  }

  /** Checks that nothing was left out. */
  void checkComplete(Set<Long> all) {
    for (Long id : all) {
      if (!delivered.contains(id)) {
        faults.add("row " + id + " was never delivered");
      }
    }
  }

  List<String> faults() {
    return List.copyOf(faults);
  }

  long checkedRows() {
    return checkedRows;
  }

  private void checkSteps(PhaseResult phase, Rank rank, RankLog log) {
    long next = phase.from();
    for (Delivery delivery : log.steps()) {
      if (delivery.step() != next) {
        faults.add(rank.name() + " got step " + delivery.step() + " where " + next + " was due");
      }
      next = delivery.step() + 1;
    }
    if (next != phase.to()) {
      faults.add(rank.name() + " ended before step " + next + ", the phase at " + phase.to());
    }
  }

  private void checkRows(
      PhaseResult phase,
      Rank rank,
      Delivery delivery,
      Map<Long, Expected> expected,
      Map<String, List<Long>> ids) {
    int perRank = phase.slots() / rank.dpSize();
    int slot = rank.dpRank() * perRank;
    for (SlotRows rows : delivery.slots()) {
      if (rows.slot() != slot++) {
        faults.add(rank.name() + " got slot " + rows.slot() + " of step " + delivery.step());
      }
      List<Long> got = new ArrayList<>();
      for (Row row : rows.rows()) {
        got.add(row.id());
        checkedRows++;
        if (!isExpected(expected, phase.division(), rank.cpRank(), row)) {
          faults.add(
              rank.name() + " got wrong values of row " + row.id() + " in step " + delivery.step());
        }
      }
      ids.put(delivery.step() + "/" + rows.slot(), got);
    }
    if (slot != (rank.dpRank() + 1) * perRank) {
      faults.add(rank.name() + " got only a part of step " + delivery.step());
    }
  }

  private static boolean isExpected(
      Map<Long, Expected> expected, SampleDigest.Division division, int cpRank, Row row) {
    return Optional.ofNullable(expected.get(row.id()))
        .map(wanted -> wanted.digests().getOrDefault(division, List.of()))
        .filter(digests -> cpRank < digests.size() && digests.get(cpRank).equals(row.digest()))
        .isPresent();
  }

  private void deliver(List<Long> ids) {
    for (Long id : ids) {
      if (!delivered.add(id)) {
        faults.add("row " + id + " was delivered twice");
      }
    }
  }
}
