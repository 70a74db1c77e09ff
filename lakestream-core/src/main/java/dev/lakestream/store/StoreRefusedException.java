// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;

/**
 * The store was reached and refuses, or can't be reached as it was described: credentials,
 * permissions, a bucket, the clock. Nothing was written. Trying again does not help; the message
 * says what to mend.
 */
public final class StoreRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreRefusedException(String message) {
    super(message);
  }

  public StoreRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
