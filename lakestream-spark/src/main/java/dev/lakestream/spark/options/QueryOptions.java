// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

import dev.lakestream.error.InvalidRequestException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The options that only a streaming query has.
 *
 * @param start where it begins if it has no checkpoint
 * @param maxSteps how many steps an epoch may have
 * @param failOnDataLoss whether steps that were trimmed before they were read are an error
 * @param given the names of those that were given
 */
public record QueryOptions(
    QueryStart start, Optional<Long> maxSteps, boolean failOnDataLoss, List<String> given) {
  /** A name of an option, as Spark spells such in its own readers. */
  public static final String START_TIMESTAMP = "startTimestamp";

  private static final List<String> STARTS =
      List.of(ReadOptions.START_STEP, "start", "startVersion", START_TIMESTAMP);

  /** Where a query begins. */
  public sealed interface QueryStart {
    /** At the first step that is readable. */
    record Earliest() implements QueryStart {}

    /** After all steps that there are. */
    record Latest() implements QueryStart {}

    /** At a step. */
    record Step(long step) implements QueryStart {}

    /** At the first step of this entry of the log, or of the first one after it. */
    record Version(long version) implements QueryStart {}

    /** At the first step that was committed then or later. */
    record Time(Instant time) implements QueryStart {}
  }

  private enum Ends {
    EARLIEST,
    LATEST
  }

  static QueryOptions of(OptionReader options) {
    List<String> starts = STARTS.stream().filter(name -> options.text(name).isPresent()).toList();
    if (starts.size() > 1) {
      throw new InvalidRequestException(
          "options '" + starts.get(0) + "' and '" + starts.get(1) + "' exclude each other");
    }
    Optional<Long> maxSteps = options.number("maxStepsPerTrigger");
    if (maxSteps.filter(steps -> steps == 0).isPresent()) {
      throw new InvalidRequestException(
          "option 'maxStepsPerTrigger' is 0: no epoch would read anything");
    }
    // Batch reads have a first step, too.
    List<String> given = new ArrayList<>(starts);
    given.remove(ReadOptions.START_STEP);
    for (String name : List.of("maxStepsPerTrigger", "failOnDataLoss")) {
      options.text(name).ifPresent(value -> given.add(name));
    }
    return new QueryOptions(
        start(options), maxSteps, options.flag("failOnDataLoss").orElse(true), List.copyOf(given));
  }

  /** Refuses a batch read that was given any. */
  public void refuseInBatch() {
    if (!given.isEmpty()) {
      throw new InvalidRequestException(
          "option '"
              + given.get(0)
              + "' is for streaming queries, as spark.readStream makes them, and this is a batch"
              + " read");
    }
  }

  private static QueryStart start(OptionReader options) {
    Optional<QueryStart> step = options.number(ReadOptions.START_STEP).map(QueryStart.Step::new);
    return step.or(() -> options.number("startVersion").map(QueryStart.Version::new))
        .or(() -> options.text(START_TIMESTAMP).map(QueryOptions::time))
        .or(() -> options.choice("start", Ends.class).map(QueryOptions::end))
        .orElseGet(QueryStart.Earliest::new);
  }

  private static QueryStart end(Ends end) {
    return end == Ends.LATEST ? new QueryStart.Latest() : new QueryStart.Earliest();
  }

  private static QueryStart time(String text) {
    try {
      return new QueryStart.Time(Instant.parse(text));
    } catch (DateTimeParseException e) {
      throw new InvalidRequestException(
          "option '" + START_TIMESTAMP + "' is '" + text + "': 2026-11-22T10:00:00Z is wanted", e);
    }
  }
}
