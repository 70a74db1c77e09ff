// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.error;

/** A step is not there to read: not committed in time, trimmed, or after the seal. */
public final class StepUnavailableException extends LakestreamException {
  private static final long serialVersionUID = 1L;

  public StepUnavailableException(String message) {
    super(message);
  }
}
