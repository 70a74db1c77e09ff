// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator;

import java.util.Optional;

/** A process that plays schedules and prints the hash of their traces. */
public final class HashOfSchedules {
  private HashOfSchedules() {}

  public static void main(String[] args) throws InterruptedException {
    System.out.println(of(Long.parseLong(args[0]), Long.parseLong(args[1]), 1));
  }

  static String of(long seed, long schedules, int workers) throws InterruptedException {
    Campaign.Summary summary =
        new Campaign(seed, schedules, Optional.empty(), workers).run(done -> {});
    return Long.toHexString(summary.hash()) + " of " + summary.operations();
  }
}
