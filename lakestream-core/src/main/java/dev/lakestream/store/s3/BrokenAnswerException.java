// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import java.io.IOException;

/** An answer that is not what was asked for, or ends early: ask again. */
final class BrokenAnswerException extends IOException {
  private static final long serialVersionUID = 1L;

  BrokenAnswerException(String message) {
    super(message);
  }

  BrokenAnswerException(String message, Throwable cause) {
    super(message, cause);
  }
}
