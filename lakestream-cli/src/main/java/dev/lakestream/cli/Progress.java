// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import java.io.PrintWriter;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Says what is going on: a line for each part, with a bar below it on a terminal. */
public final class Progress implements AutoCloseable {
  /** bin/lakestream knows whether somebody is looking; in a log file a bar is seldom drawn. */
  private static final boolean TERMINAL = Boolean.getBoolean("lakestream.terminal");

  private static final int WIDTH = 90;

  private final PrintWriter err;

  /** Says it to this writer. */
  public Progress(PrintWriter err) {
    this.err = err;
  }

  /** Begins a part. */
  public void say(String what) {
    err.println(what);
    err.flush();
  }

  /** A bar for something that has so many units. */
  public ProgressBar bar(String what, long units) {
    return new ProgressBarBuilder()
        .setTaskName("  " + what)
        .setInitialMax(units)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(TERMINAL ? 200 : 10_000)
        .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
        .build();
  }

  @Override
  public void close() {
    err.flush();
  }
}
