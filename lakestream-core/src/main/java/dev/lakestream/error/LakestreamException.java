// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.error;

/**
 * The root of all errors that Lakestream raises on purpose. Its subclasses are named by what the
 * caller may do next; messages name the object, what was found and what to do, and never hold
 * credentials.
 */
public abstract class LakestreamException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  protected LakestreamException(String message) {
    super(message);
  }

  protected LakestreamException(String message, Throwable cause) {
    super(message, cause);
  }
}
