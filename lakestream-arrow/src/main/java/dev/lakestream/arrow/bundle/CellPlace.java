// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.store.ObjectKey;

/** Which cell it is, for errors. */
public record CellPlace(ObjectKey key, int piece, int slot, int bundleStep) {
  /** This cell is damaged or hostile. */
  public CorruptObjectException corrupt(String what) {
    return new CorruptObjectException(key.value(), where() + ": " + what);
  }

  /** This cell's checksum is another one than its directory says. */
  public CorruptObjectException mismatch(int found, int expected) {
    return corrupt(String.format("its CRC32C is %08x, its directory says %08x", found, expected));
  }

  CorruptObjectException corrupt(String what, Throwable cause) {
    return new CorruptObjectException(key.value(), where() + ": " + what, cause);
  }

  private String where() {
    return "cell of piece " + piece + ", slot " + slot + ", step " + bundleStep + " of the bundle";
  }

  @Override
  public String toString() {
    return key + ", " + where();
  }
}
