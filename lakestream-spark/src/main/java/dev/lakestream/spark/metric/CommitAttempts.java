// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.metric;

/** Attempts to commit, lost races too. */
public final class CommitAttempts extends SumOf {
  public static final String NAME = "lakestreamCommitAttempts";

  public CommitAttempts() {
    super(NAME, "Attempts to commit, lost races too");
  }
}
