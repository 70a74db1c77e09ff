// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import dev.lakestream.cli.StreamArgument;
import dev.lakestream.retention.TrimTarget;
import dev.lakestream.retention.Vacuum;
import dev.lakestream.retention.VacuumOptions;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One vacuum process: trims as far as pins allow, and deletes, again and again. */
@Command(
    name = TortureVacuumCommand.NAME,
    hidden = true,
    description = "One vacuum of the torture.")
public final class TortureVacuumCommand implements Callable<Integer> {
  static final String NAME = "torture-vacuum";
  private static final long PAUSE_MILLIS = 300;
  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final Duration STALE = Duration.ofSeconds(30);

  @Mixin private StreamArgument argument = new StreamArgument();

  @Option(names = "--stop", required = true, description = "Ends when this file exists.")
  private Path stop = Path.of("");

  /** With so little grace, and with everything that may be trimmed. */
  static VacuumOptions options(Duration grace) {
    return new VacuumOptions(
        Optional.of(new TrimTarget.KeepSteps(0)), grace, VacuumOptions.LOST_AFTER, STALE, false);
  }

  @Override
  public Integer call() throws Exception {
    try (ObjectStore store = argument.openStore()) {
      while (!Files.exists(stop)) {
        new Vacuum(LakeStream.open(store), options(GRACE)).run();
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
    return 0;
  }
}
