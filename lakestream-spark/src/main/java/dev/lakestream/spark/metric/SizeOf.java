// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.metric;

/** A number of bytes. */
abstract class SizeOf extends SumOf {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  private static final int STEP = 1024;

  SizeOf(String name, String description) {
    super(name, description);
  }

  @Override
  String text(long sum) {
    double value = sum;
    int unit = 0;
    while (value >= STEP && unit < UNITS.length - 1) {
      value /= STEP;
      unit++;
    }
    return unit == 0 ? sum + " B" : String.format("%.1f %s", value, UNITS[unit]);
  }
}
