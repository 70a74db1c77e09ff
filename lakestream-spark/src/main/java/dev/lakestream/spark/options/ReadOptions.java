// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

import java.util.Map;

/**
 * The options of a read.
 *
 * @param partitionBytes what a task reads, about
 */
public record ReadOptions(StreamAddress address, long partitionBytes) {
  private static final long DEFAULT_PARTITION_BYTES = 128 << 20;

  /** Reads them; every mistake that one can see here is refused. */
  public static ReadOptions of(Map<String, String> given) {
    OptionReader options = new OptionReader(given);
    ReadOptions result =
        new ReadOptions(
            StreamAddress.of(options),
            options.size("partitionSize").orElse(DEFAULT_PARTITION_BYTES));
    options.refuseOthers("a read of a stream");
    return result;
  }
}
