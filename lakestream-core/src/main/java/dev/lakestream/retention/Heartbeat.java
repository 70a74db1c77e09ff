// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import java.time.Duration;

/**
 * How far a reading job got when it last said so.
 *
 * @param nextStep the step that it reads next
 * @param age by the store's clock
 */
public record Heartbeat(String job, long nextStep, Duration age) {
  /** After this a job counts as dead, unless somebody decides otherwise. */
  public static final Duration EXPIRES_AFTER = Duration.ofMinutes(10);

  /** Whether it is young enough for the job to be alive. */
  public boolean isLive(Duration expiresAfter) {
    return age.compareTo(expiresAfter) < 0;
  }
}
