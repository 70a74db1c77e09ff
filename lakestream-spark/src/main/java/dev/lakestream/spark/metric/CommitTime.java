// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.metric;

/** Time that the commit took. */
public final class CommitTime extends TimeOf {
  public static final String NAME = "lakestreamCommitTime";

  public CommitTime() {
    super(NAME, "Time that the commit took");
  }
}
