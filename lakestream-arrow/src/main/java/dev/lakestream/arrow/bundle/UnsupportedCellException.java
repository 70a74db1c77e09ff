// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

/** A cell is sound, but not for this client; the decoder adds which cell of which object it is. */
final class UnsupportedCellException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnsupportedCellException(String what) {
    super(what);
  }
}
