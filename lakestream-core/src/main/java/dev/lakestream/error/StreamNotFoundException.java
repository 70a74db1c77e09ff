// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.error;

/** There is no stream at this place: check the URI or create it. */
public final class StreamNotFoundException extends LakestreamException {
  private static final long serialVersionUID = 1L;

  public StreamNotFoundException(String message) {
    super(message);
  }
}
