// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.cli.CommandRun;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What it refuses; what it writes is trained on by the tests of the Python reader. */
class DemoStreamCommandTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"10,3", "10,0", "10,-1", "0,1"})
  void jobsOfDifferentSizesAreRefusedBeforeSparkStarts(int steps, int jobs) {
    run("--steps=" + steps, "--jobs=" + jobs)
        .assertError("--jobs " + jobs + " must be at least 1 and divide --steps " + steps);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void outsideOfACloneThereIsNoCorpus() {
    run().assertError("must be started with bin/lakestream of a clone");
    assertThat(folder).isEmptyDirectory();
  }

  private CommandRun run(String... options) {
    String[] arguments = new String[options.length + 2];
    arguments[0] = "demo-stream";
    arguments[1] = folder.toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    return CommandRun.of(arguments);
  }
}
