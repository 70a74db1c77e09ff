// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.retention;

import dev.lakestream.cli.Progress;
import dev.lakestream.retention.VacuumListener;
import java.io.PrintWriter;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;

/** A line, and a bar where it can be known how long it is, for each part of a vacuum. */
final class VacuumBars implements VacuumListener, AutoCloseable {
  private final Progress progress;
  private Optional<ProgressBar> bar = Optional.empty();

  VacuumBars(PrintWriter err) {
    this.progress = new Progress(err);
  }

  @Override
  public void begin(String what, long units) {
    closeBar();
    if (units < 0) {
      progress.say(what + " …");
    } else if (units > 0) {
      bar = Optional.of(progress.bar(what, units));
    }
  }

  @Override
  public void advance(long to) {
    bar.ifPresent(shown -> shown.stepTo(to));
  }

  @Override
  public void close() {
    closeBar();
    progress.close();
  }

  private void closeBar() {
    bar.ifPresent(ProgressBar::close);
    bar = Optional.empty();
  }
}
