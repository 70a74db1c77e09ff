// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What tests with the peers' Python packages need; they are skipped where there are none. */
public final class PeersInstalled {
  private PeersInstalled() {}

  /** How a tiny benchmark is run in a folder. */
  public static Benchmark.Setting tiny(Path folder) {
    Path home = Path.of("..").toAbsolutePath().normalize();
    assumeThat(Files.isExecutable(PythonProcess.interpreter(home)))
        .as("lakestream-python/environment compare was run")
        .isTrue();
    return new Benchmark.Setting(folder, home, 1, 0.01, Optional.empty(), System.err::println);
  }
}
