// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.spark.options.Remainder;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of the rows of a job that fill no step.
 *
 * @param dropped how many are in no step
 * @param inShortStep how many are in a step that is not full
 */
record LastRows(long dropped, long inShortStep) {
  private static final Logger LOG = LoggerFactory.getLogger(LastRows.class);

  /**
   * Does with them what the user wants, and says so.
   *
   * @throws InvalidRequestException if rows remain and that was to be an error
   */
  static LastRows add(LastStep last, StepAssembly steps, Remainder remainder, long stepRows)
      throws IOException {
    if (last.rows() == 0) {
      return new LastRows(0, 0);
    }
    String what = last.rows() + " rows remain that fill no step of " + stepRows + " rows";
    switch (remainder) {
      case KEEP -> {
        LOG.warn("{}: they make a short step (option remainder = keep)", what);
        steps.addStep(last.keep());
        return new LastRows(0, last.rows());
      }
      case PAD -> {
        LOG.info("{}: they are repeated until it is full (option remainder = pad)", what);
        steps.addStep(last.pad());
        return new LastRows(0, 0);
      }
      case DROP -> {
        LOG.warn("{}: they are dropped (option remainder = drop)", what);
        return new LastRows(last.rows(), 0);
      }
      case CARRY -> throw new IllegalStateException("rows to carry are no last step");
      case ERROR ->
          throw new InvalidRequestException(
              what
                  + ", and option 'remainder' is 'error': nothing was committed; choose another "
                  + "'globalBatchSize', or 'remainder' keep, drop or pad");
    }
    throw new IllegalStateException("nothing can be done now with remainder " + remainder);
  }
}
