// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import java.util.List;

/** Steps, rows and tokens of a stream before some point, so that one can seek by each of them. */
public record Totals(long steps, long rows, long tokens) {
  public static final Totals ZERO = new Totals(0, 0, 0);

  /** What these steps add up to. */
  public static Totals of(List<StepRecord> steps) {
    long rows = 0;
    long tokens = 0;
    for (StepRecord step : steps) {
      rows = Math.addExact(rows, step.rows());
      tokens = Math.addExact(tokens, step.tokens());
    }
    return new Totals(steps.size(), rows, tokens);
  }

  /** What lies between other totals and these. */
  public Totals minus(Totals before) {
    return new Totals(steps - before.steps, rows - before.rows, tokens - before.tokens);
  }

  public Totals plus(Totals more) {
    return new Totals(
        Math.addExact(steps, more.steps),
        Math.addExact(rows, more.rows),
        Math.addExact(tokens, more.tokens));
  }
}
