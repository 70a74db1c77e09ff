// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.spark.metric.BytesUploaded;
import dev.lakestream.spark.metric.CommitAttempts;
import dev.lakestream.spark.metric.CommitTime;
import dev.lakestream.spark.metric.ShortStepRows;
import dev.lakestream.spark.metric.StepsWritten;
import dev.lakestream.spark.metric.UploadTime;
import dev.lakestream.spark.metric.WriteMetrics;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;

/** What the commit of a job was like. Thread-safe: Spark asks from where it likes. */
final class DriverMetrics {
  private CustomTaskMetric[] values = {};

  /**
   * The job was committed.
   *
   * @param attempts to commit
   * @param nanos that took
   * @param late uploads of which no task has told
   */
  synchronized void committed(
      long steps, long shortStepRows, long attempts, long nanos, UploadMeter late) {
    values =
        new CustomTaskMetric[] {
          WriteMetrics.value(StepsWritten.NAME, steps),
          WriteMetrics.value(ShortStepRows.NAME, shortStepRows),
          WriteMetrics.value(CommitAttempts.NAME, attempts),
          WriteMetrics.value(CommitTime.NAME, TimeUnit.NANOSECONDS.toMillis(nanos)),
          WriteMetrics.value(BytesUploaded.NAME, late.bytes()),
          WriteMetrics.value(UploadTime.NAME, TimeUnit.NANOSECONDS.toMillis(late.nanos()))
        };
  }

  /** Nothing before the commit. */
  synchronized CustomTaskMetric[] values() {
    return values.clone();
  }
}
