// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.spark.options.QueryOptions.QueryStart;
import dev.lakestream.spark.options.ReadOptions;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.function.Predicate;

/** Finds the step that a query is to begin with, by few look-ups of the index. */
final class StepSearch {
  private final LakeStream stream;

  /**
   * @param stream as it is to be looked at
   */
  StepSearch(LakeStream stream) {
    this.stream = stream;
  }

  /**
   * The first step of a query.
   *
   * @throws InvalidRequestException if it is beyond the tail: a query that began there would wait
   *     for steps that may never be, or pass over others
   */
  long first(ReadOptions options) throws IOException {
    QueryStart start = options.query().start();
    long next = stream.state().nextStep();
    if (start instanceof QueryStart.Step given) {
      require("startStep", given.step(), next, "next step");
      long readable = stream.firstReadable();
      if (given.step() < readable && options.query().failOnDataLoss()) {
        throw new StepUnavailableException(
            "option 'startStep' is "
                + given.step()
                + ", but the first readable step of the stream at "
                + options.address()
                + " is "
                + readable);
      }
      return Math.max(given.step(), readable);
    } else if (start instanceof QueryStart.Version given) {
      require("startVersion", given.version(), stream.state().version(), "last version");
      return firstWhere(group -> group.version() >= given.version());
    } else if (start instanceof QueryStart.Time given) {
      return firstWhere(group -> group.time() >= given.time().toEpochMilli());
    }
    return start instanceof QueryStart.Latest ? next : stream.firstReadable();
  }

  private static void require(String option, long given, long last, String what) {
    if (given > last) {
      throw new InvalidRequestException(
          "option '"
              + option
              + "' is "
              + given
              + ", beyond the stream's last "
              + what
              + " "
              + last);
    }
  }

  /** Versions and times only rise. */
  private long firstWhere(Predicate<CommittedGroup> isAtOrAfter) throws IOException {
    long low = stream.firstReadable();
    long high = stream.state().nextStep();
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (isAtOrAfter.test(stream.groupOf(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
