// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.error;

/** A producer waited in vain for the slowest reader: nothing is lost, try again when it goes on. */
public final class ProducerAheadException extends LakestreamException {
  private static final long serialVersionUID = 1L;

  public ProducerAheadException(String message) {
    super(message);
  }
}
