// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The steps [from, to) as they are given: {@code A..B}, where A may be left out for the first
 * readable step and B for the tail.
 */
record StepRange(String text, Optional<Long> from, Optional<Long> to) {
  private static final Pattern FORM = Pattern.compile("([0-9]{0,15})\\.\\.([0-9]{0,15})");

  /** Certain steps of a stream: from &lt; to, all readable. */
  record Steps(long from, long to) {}

  /**
   * Reads a range.
   *
   * @throws InvalidRequestException if it is none
   */
  static StepRange parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new InvalidRequestException(
          "'" + text + "' is no range of steps: A..B are the steps from A up to and without B");
    }
    return new StepRange(text, number(matcher.group(1)), number(matcher.group(2)));
  }

  private static Optional<Long> number(String digits) {
    return digits.isEmpty() ? Optional.empty() : Optional.of(Long.valueOf(digits));
  }

  /**
   * The steps of a stream that this is.
   *
   * @throws StepUnavailableException if some are trimmed or not committed
   * @throws InvalidRequestException if there are none
   */
  Steps of(LakeStream stream) throws IOException {
    long first = stream.firstReadable();
    long next = stream.state().nextStep();
    Steps steps = new Steps(from.orElse(first), to.orElse(next));
    if (steps.from() >= steps.to()) {
      throw new InvalidRequestException(
          "the range "
              + text
              + " has no steps: it is ["
              + steps.from()
              + ", "
              + steps.to()
              + ") of a stream with "
              + next
              + " steps");
    }
    if (steps.from() < first) {
      throw new StepUnavailableException(
          "the range "
              + text
              + " begins with steps that were trimmed: the first readable step is "
              + first);
    }
    if (steps.to() > next) {
      throw new StepUnavailableException(
          "the range " + text + " goes beyond the tail: the last step is " + (next - 1));
    }
    return steps;
  }
}
