// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.error;

/**
 * The store never said whether the entry was written: nothing may be deleted; ask the log later.
 */
public final class CommitOutcomeUnknownException extends LakestreamException {
  private static final long serialVersionUID = 1L;

  public CommitOutcomeUnknownException(String message) {
    super(message);
  }
}
