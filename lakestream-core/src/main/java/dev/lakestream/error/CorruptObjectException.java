// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.error;

/**
 * An object of the stream is torn, truncated, damaged or hostile. Nothing of it was handed out.
 * Retrying may help if the damage happened on the way; {@code lakestream verify} tells.
 *
 * <p>Keeps invariant 10: the message names the object.
 */
public final class CorruptObjectException extends LakestreamException {
  private static final long serialVersionUID = 1L;
  private final String object;

  public CorruptObjectException(String object, String what) {
    super("corrupt object " + object + ": " + what);
    this.object = object;
  }

  public CorruptObjectException(String object, String what, Throwable cause) {
    super("corrupt object " + object + ": " + what, cause);
    this.object = object;
  }

  /** The key of the damaged object, relative to the root of its stream. */
  public String object() {
    return object;
  }
}
