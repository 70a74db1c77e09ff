// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.metric;

/** Rows that tasks have taken. */
public final class RowsWritten extends SumOf {
  public static final String NAME = "lakestreamRows";

  public RowsWritten() {
    super(NAME, "Rows that tasks have taken");
  }
}
