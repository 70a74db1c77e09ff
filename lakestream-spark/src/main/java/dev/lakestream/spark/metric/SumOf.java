// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.metric;

import java.util.Arrays;
import org.apache.spark.sql.connector.metric.CustomMetric;

/** A number that adds up over tasks. */
abstract class SumOf implements CustomMetric {
  private final String name;
  private final String description;

  SumOf(String name, String description) {
    this.name = name;
    this.description = description;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final String description() {
    return description;
  }

  @Override
  public final String aggregateTaskMetrics(long[] values) {
    return text(Arrays.stream(values).sum());
  }

  /** The sum as people read it. */
  String text(long sum) {
    return String.format("%,d", sum);
  }
}
