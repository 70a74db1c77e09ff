// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;

/**
 * A put was sent and the store's answer never came: the object may exist now, later, or never. Put
 * the same bytes to the same key again; never move on and never delete anything that they name.
 */
public final class OutcomeUnknownException extends IOException {
  private static final long serialVersionUID = 1L;

  public OutcomeUnknownException(String message, Throwable cause) {
    super(message, cause);
  }
}
