// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is said of a fork by who made it and by who reads it. */
public final class ForkTestimony {
  private final Optional<ForkTestimony> parent;
  private final String name;
  private final int since;
  private final List<Testimony.Pin> pins = new ArrayList<>();
  private final List<Reading> readings = new ArrayList<>();
  private final List<Commit> commits = new ArrayList<>();
  private int until = Integer.MAX_VALUE;

  /**
   * A step as a reader of the fork got it.
   *
   * @param content of each of its bundles
   */
  record Reading(Testimony.Observation step, List<String> content) {}

  /** A commit to the fork that was acknowledged. */
  record Commit(String state, long version, long firstStep) {}

  ForkTestimony(Optional<ForkTestimony> parent, String name, int since) {
    this.parent = parent;
    this.name = name;
    this.since = since;
  }

  public void read(Testimony.Observation step, List<String> content) {
    readings.add(new Reading(step, content));
  }

  public void committed(String state, long version, long firstStep) {
    commits.add(new Commit(state, version, firstStep));
  }

  /**
   * From now on nobody relies on it.
   *
   * @param change the number of the archive's next change
   */
  public void deleted(int change) {
    until = Math.min(until, change);
  }

  /**
   * A pin in this fork is relied on.
   *
   * @param from the oldest step that it keeps
   * @param change the number of the archive's next change
   */
  public Testimony.Pin pinned(String pin, long from, int change) {
    Testimony.Pin relied = new Testimony.Pin(pin, from, change);
    pins.add(relied);
    return relied;
  }

  public boolean isThere() {
    return until == Integer.MAX_VALUE;
  }

  public String name() {
    return name;
  }

  /** The fork that this is a fork of; empty if it is one of the stream. */
  public Optional<ForkTestimony> parent() {
    return parent;
  }

  /** Where its objects are, relative to the stream. */
  String folder() {
    return parent.map(ForkTestimony::folder).orElse("") + "forks/" + name + "/";
  }

  List<Testimony.Pin> pins() {
    return pins;
  }

  int since() {
    return since;
  }

  int until() {
    return until;
  }

  List<Reading> readings() {
    return readings;
  }

  List<Commit> commits() {
    return commits;
  }
}
