// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

/** A cell breaks a rule; the decoder adds which cell of which object it is. */
final class MalformedCellException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedCellException(String what) {
    super(what);
  }
}
