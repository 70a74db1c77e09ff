// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.metric;

/** Steps that became visible. */
public final class StepsWritten extends SumOf {
  public static final String NAME = "lakestreamSteps";

  public StepsWritten() {
    super(NAME, "Steps that became visible");
  }
}
