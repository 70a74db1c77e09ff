// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A program that measures something and says what it measured. */
public interface Benchmark {
  /** The name on the command line. */
  String name();

  /** Other names on the command line. */
  default List<String> aliases() {
    return List.of();
  }

  /**
   * What it is measured with, by names that people read: versions of libraries, and what peers are
   * set to.
   */
  default Map<String, String> settings() {
    return Map.of();
  }

  /** Measures. */
  List<BenchResult> run(Setting setting) throws Exception;

  /**
   * How a benchmark is to be run.
   *
   * @param folder an empty one, for its files
   * @param home the clone, for what is started as a process of its own
   * @param runs how often each side is measured
   * @param scale of the amount of data; 1 is what {@code docs/benchmarks.md} reports
   * @param plots where plots go; empty if none are wanted
   * @param progress says what is going on
   */
  record Setting(
      Path folder,
      Path home,
      int runs,
      double scale,
      Optional<Path> plots,
      Consumer<String> progress) {}
}
