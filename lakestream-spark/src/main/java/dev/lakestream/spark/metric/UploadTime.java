// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.metric;

/** Time that uploads took, of all tasks together. */
public final class UploadTime extends TimeOf {
  public static final String NAME = "lakestreamUploadTime";

  public UploadTime() {
    super(NAME, "Time that uploads took, of all tasks together");
  }
}
