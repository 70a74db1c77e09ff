// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.metric;

/** A number of milliseconds. */
abstract class TimeOf extends SumOf {
  private static final long SECOND = 1000;

  TimeOf(String name, String description) {
    super(name, description);
  }

  @Override
  String text(long sum) {
    return sum < SECOND ? sum + " ms" : String.format("%.1f s", sum / (double) SECOND);
  }
}
