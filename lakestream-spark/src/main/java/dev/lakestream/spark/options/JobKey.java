// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import java.util.Optional;

/**
 * What a user calls a job, so that it is written once however often it runs.
 *
 * @param id the application, 1 to 200 characters
 * @param version of its runs; each pair of id and version counts by itself
 */
public record JobKey(String id, long version) {
  private static final String PREFIX = "spark-job/";
  private static final int MAX_ID = 200;

  /** That of these options, which go together. */
  static Optional<JobKey> of(OptionReader options) {
    Optional<String> id = options.text("jobId");
    Optional<Long> version = options.number("jobVersion", 0, Limits.MAX_INTEGER);
    if (id.isPresent() != version.isPresent()) {
      throw new InvalidRequestException(
          "options 'jobId' and 'jobVersion' go together: together they name what is written once");
    }
    id.filter(name -> name.codePointCount(0, name.length()) > MAX_ID)
        .ifPresent(
            name -> {
              throw new InvalidRequestException(
                  "option 'jobId' has "
                      + name.codePointCount(0, name.length())
                      + " characters, it can have "
                      + MAX_ID);
            });
    return id.map(name -> new JobKey(name, version.orElseThrow()));
  }

  /** The key in the log that no second commit can have. */
  public String idempotence() {
    return PREFIX + id + "/" + version;
  }

  @Override
  public String toString() {
    return "job '" + id + "', version " + version;
  }
}
