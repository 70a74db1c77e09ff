// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.error.StepUnavailableException;
import java.io.IOException;
import java.util.Optional;

/** A rank's shares of groups of steps, one after the other. Not thread-safe. */
interface StepShares extends AutoCloseable {
  /**
   * The share that holds a step, after waiting for the step if need be. It belongs to this object,
   * and is closed when another one is asked for. After an exception the same step may be asked for
   * again.
   *
   * @param step not before that of the last call
   * @return empty if the stream is sealed and the step will never be
   * @throws StepUnavailableException if the step was trimmed, or is not there by the deadline
   */
  Optional<GroupShare> of(long step) throws IOException, InterruptedException;

  /** Lets go of all memory. */
  @Override
  void close();
}
