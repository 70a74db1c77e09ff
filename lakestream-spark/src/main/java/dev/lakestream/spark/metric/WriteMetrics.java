// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.metric;

import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;

/** The numbers of a write. */
public final class WriteMetrics {
  private WriteMetrics() {}

  /** All of them. */
  public static CustomMetric[] all() {
    return new CustomMetric[] {
      new StepsWritten(),
      new RowsWritten(),
      new BytesUploaded(),
      new ShortStepRows(),
      new CommitAttempts(),
      new CommitTime(),
      new UploadTime()
    };
  }

  /** One of them, as a task or the driver sees it. */
  public static CustomTaskMetric value(String name, long value) {
    return new Value(name, value);
  }

  private record Value(String name, long value) implements CustomTaskMetric {}
}
