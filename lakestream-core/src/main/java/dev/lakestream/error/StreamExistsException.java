// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.error;

/** A stream exists already where one was to be created. */
public final class StreamExistsException extends LakestreamException {
  private static final long serialVersionUID = 1L;

  public StreamExistsException(String message) {
    super(message);
  }
}
