// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.error;

/** The caller asked for something that cannot be: mend the option, argument or schema named. */
public final class InvalidRequestException extends LakestreamException {
  private static final long serialVersionUID = 1L;

  public InvalidRequestException(String message) {
    super(message);
  }

  public InvalidRequestException(String message, Throwable cause) {
    super(message, cause);
  }
}
