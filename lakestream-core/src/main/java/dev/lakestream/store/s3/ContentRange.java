// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code Content-Range} says that a body is: bytes first to last of an object of a size. */
record ContentRange(long first, long last, long size) {
  private static final Pattern SYNTAX =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})");

  static Optional<ContentRange> parse(@Nullable String header) {
    Matcher matcher = SYNTAX.matcher(header == null ? "" : header);
    return matcher.matches()
        ? Optional.of(
            new ContentRange(
                Long.parseLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                Long.parseLong(matcher.group(3))))
        : Optional.empty();
  }
}
