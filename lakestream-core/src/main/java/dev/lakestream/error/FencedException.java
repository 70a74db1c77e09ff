// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.error;

/** Another session of this producer has opened: stop, its successor goes on. */
public final class FencedException extends LakestreamException {
  private static final long serialVersionUID = 1L;

  public FencedException(String message) {
    super(message);
  }
}
