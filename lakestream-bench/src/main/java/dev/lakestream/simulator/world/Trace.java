// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * What happened in a world, line by line: the last lines for whoever has to understand a violation,
 * and a hash of all of them, by which two runs of one seed are compared.
 */
public final class Trace {
  private static final int KEPT = 60;
  private static final long PRIME = 0x100000001b3L;

  private final Deque<Line> last = new ArrayDeque<>();
  private final Consumer<String> listener;
  private final boolean listening;
  private long hash = 0xcbf29ce484222325L;

  private record Line(long micros, String process, String what, String on, String result) {
    @Override
    public String toString() {
      return String.format(
          "%16s  %-14s %-14s %s%s",
          time(micros), process, what, on, result.isEmpty() ? "" : "  -> " + result);
    }

    private static String time(long micros) {
      long seconds = micros / 1_000_000;
      return String.format(
          "%dd %02d:%02d:%02d.%03d",
          seconds / 86_400,
          seconds / 3600 % 24,
          seconds / 60 % 60,
          seconds % 60,
          micros / 1000 % 1000);
    }
  }

  private Trace(Consumer<String> listener, boolean listening) {
    this.listener = listener;
    this.listening = listening;
  }

  /** Keeps the last lines. */
  public static Trace quiet() {
    return new Trace(line -> {}, false);
  }

  /** Hands out every line as it is written. */
  public static Trace to(Consumer<String> listener) {
    return new Trace(listener, true);
  }

  void add(long micros, String process, String what, String on, String result) {
    mix(micros);
    mix(process.hashCode());
    mix(what.hashCode());
    mix(on.hashCode());
    mix(result.hashCode());
    Line line = new Line(micros, process, what, on, result);
    last.addLast(line);
    if (last.size() > KEPT) {
      last.removeFirst();
    }
    if (listening) {
      listener.accept(line.toString());
    }
  }

  /** Of all lines so far. */
  public long hash() {
    return hash;
  }

  /** The last lines. */
  public List<String> tail() {
    List<String> lines = new ArrayList<>();
    last.forEach(line -> lines.add(line.toString()));
    return lines;
  }

  private void mix(long value) {
    hash = (hash ^ value) * PRIME;
    hash ^= hash >>> 29;
  }
}
