// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import java.util.List;

/**
 * What a vacuum did to {@code staging/}, or would do.
 *
 * @param abandoned the stages whose objects were deleted, by name
 * @param kept how many other stages there are
 */
public record StagingReport(
    List<String> abandoned, long deletedObjects, long deletedBytes, int kept) {
  public StagingReport {
    abandoned = List.copyOf(abandoned);
  }
}
