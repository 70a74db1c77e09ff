// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

import dev.lakestream.error.InvalidRequestException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;

/**
 * The options of a read.
 *
 * @param partitionBytes what a task reads, about
 * @param startStep the first step to read; otherwise the first readable one
 * @param endStep the step after the last one to read; otherwise all that there are
 * @param asOf whether what came later is left out
 * @param about the stream's rows, or what the log says of it
 * @param query what only streaming queries have
 */
public record ReadOptions(
    StreamAddress address,
    long partitionBytes,
    Optional<Long> startStep,
    Optional<Long> endStep,
    AsOf asOf,
    ReadSubject about,
    QueryOptions query) {
  static final String START_STEP = "startStep";

  /** Names of options, as Spark spells them in its own readers. */
  public static final String VERSION_AS_OF = "versionAsOf";

  public static final String TIMESTAMP_AS_OF = "timestampAsOf";
  private static final long DEFAULT_PARTITION_BYTES = 128 << 20;

  /** Reads them; every mistake that one can see here is refused. */
  public static ReadOptions of(Map<String, String> given) {
    OptionReader options = new OptionReader(given);
    ReadOptions result =
        new ReadOptions(
            StreamAddress.of(options),
            options.size("partitionSize").orElse(DEFAULT_PARTITION_BYTES),
            options.number(START_STEP),
            options.number("endStep"),
            asOf(options),
            options.choice("table", ReadSubject.class).orElse(ReadSubject.ROWS),
            QueryOptions.of(options));
    options.refuseOthers("a read of a stream");
    result.checkSteps();
    return result;
  }

  /** Refuses what a streaming query can't do, since it goes on for ever. */
  public void checkForQuery() {
    boolean isOfThePast = !(asOf instanceof AsOf.Now);
    if (endStep.isPresent() || isOfThePast || about != ReadSubject.ROWS) {
      throw new InvalidRequestException(
          "option '"
              + (endStep.isPresent()
                  ? "endStep"
                  : isOfThePast ? VERSION_AS_OF + "' or '" + TIMESTAMP_AS_OF : "table")
              + "' is for batch reads: a streaming query reads the steps that come");
    }
  }

  private static AsOf asOf(OptionReader options) {
    Optional<Long> version = options.number(VERSION_AS_OF);
    Optional<String> time = options.text(TIMESTAMP_AS_OF);
    if (version.isPresent() && time.isPresent()) {
      throw new InvalidRequestException(
          "options '" + VERSION_AS_OF + "' and '" + TIMESTAMP_AS_OF + "' exclude each other");
    }
    return version
        .<AsOf>map(AsOf.Version::new)
        .or(() -> time.map(ReadOptions::time))
        .orElseGet(AsOf.Now::new);
  }

  private static AsOf time(String text) {
    try {
      return new AsOf.Time(Instant.parse(text));
    } catch (DateTimeParseException e) {
      throw new InvalidRequestException(
          "option '" + TIMESTAMP_AS_OF + "' is '" + text + "': 2026-11-22T10:00:00Z is wanted", e);
    }
  }

  private void checkSteps() {
    if (startStep.isPresent() && endStep.isPresent() && startStep.get() > endStep.get()) {
      throw new InvalidRequestException(
          "option 'startStep' is "
              + startStep.get()
              + ", beyond 'endStep', which is "
              + endStep.get()
              + ": the steps from the first to before the second are read");
    }
  }
}
