// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.sequence;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.LakestreamException;

/** Whose fault it is when rows cannot be cut: the caller's, or that of a stored object. */
public final class CutErrors {
  private final String where;
  private final boolean stored;

  private CutErrors(String where, boolean stored) {
    this.where = where;
    this.stored = stored;
  }

  /** For rows that are being written. */
  public static CutErrors ofInput(String where) {
    return new CutErrors(where, false);
  }

  /** For rows of an object: what contradicts itself there is damage. */
  public static CutErrors ofObject(String key) {
    return new CutErrors(key, true);
  }

  /** The data contradict themselves. */
  LakestreamException damaged(String what) {
    return stored ? new CorruptObjectException(where, what) : indivisible(what);
  }

  /** The data are sound, but cannot be divided like this. */
  LakestreamException indivisible(String what) {
    return new InvalidRequestException(where + ": " + what);
  }
}
