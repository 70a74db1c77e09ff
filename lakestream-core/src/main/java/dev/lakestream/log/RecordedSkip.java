// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

/** A skip with the version that it is in force from. */
public record RecordedSkip(long version, long from, long to, String reason) {
  public boolean covers(long step) {
    return from <= step && step < to;
  }
}
