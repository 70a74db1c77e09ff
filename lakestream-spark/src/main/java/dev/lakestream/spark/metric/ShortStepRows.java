// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.metric;

/** Rows of a last short step. */
public final class ShortStepRows extends SumOf {
  public static final String NAME = "lakestreamShortStepRows";

  public ShortStepRows() {
    super(NAME, "Rows of a last short step");
  }
}
