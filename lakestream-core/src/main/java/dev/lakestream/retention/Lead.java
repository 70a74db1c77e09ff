// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

/**
 * How far the stream's tail is ahead of the slowest live reader.
 *
 * @param job the slowest
 * @param nextStep the step that it reads next
 * @param steps between that and the tail
 * @param bytes of bundles that those steps take; at least so many, if counting stopped at a limit;
 *     0 if nobody wants to know
 */
public record Lead(String job, long nextStep, long steps, long bytes) {
  @Override
  public String toString() {
    return "job "
        + job
        + " reads step "
        + nextStep
        + " next, the tail is "
        + steps
        + " steps "
        + (bytes > 0 ? "(" + bytes + " bytes or more) " : "")
        + "ahead of it";
  }
}
