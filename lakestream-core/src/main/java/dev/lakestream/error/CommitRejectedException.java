// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.error;

/** An entry was written but is void: nothing of it is visible; fold anew and decide. */
public final class CommitRejectedException extends LakestreamException {
  private static final long serialVersionUID = 1L;

  public CommitRejectedException(String message) {
    super(message);
  }
}
