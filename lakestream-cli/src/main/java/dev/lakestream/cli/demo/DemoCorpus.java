// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import dev.lakestream.error.InvalidRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where the demo's text is: jars of source code, which the build of a clone has fetched. */
final class DemoCorpus {
  private DemoCorpus() {}

  /** The clone; refused where there is none. */
  static Path home() {
    String home = System.getProperty("lakestream.home", "");
    if (home.isBlank()) {
      throw new InvalidRequestException(
          "the demo must be started with bin/lakestream of a clone, which knows where the corpus is");
    }
    return Path.of(home);
  }

  /** The jars in that clone, in order. */
  static List<Path> jars(Path home) throws IOException {
    Path folder = home.resolve("lakestream-cli/target/corpus");
    try (Stream<Path> jars = Files.list(folder)) {
      List<Path> found = jars.filter(jar -> jar.toString().endsWith(".jar")).sorted().toList();
      if (found.isEmpty()) {
        throw new InvalidRequestException("no corpus in " + folder + ": run ./mvnw package");
      }
      return found;
    }
  }
}
