// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rows of the numbered source of a producer, as bundles hold them and steps are tagged with them.
 */
public record RowRange(String source, long from, long to) {
  private static final Pattern SYNTAX = Pattern.compile("([^:]+):(\\d+)-(\\d+)");

  /** Reads what {@link #toString()} wrote. */
  public static RowRange parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw new Violation(3, "no rows of a producer: " + text);
    }
    return new RowRange(
        matcher.group(1), Long.parseLong(matcher.group(2)), Long.parseLong(matcher.group(3)));
  }

  public long rows() {
    return to - from;
  }

  @Override
  public String toString() {
    return source + ":" + from + "-" + to;
  }
}
