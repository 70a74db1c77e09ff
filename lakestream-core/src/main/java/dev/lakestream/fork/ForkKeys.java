// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fork;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectKey;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the objects are that belong to a fork and lie in its parent. */
final class ForkKeys {
  /** The job in whose name forks pin their parent. */
  static final String JOB = "fork";

  private static final String DOCUMENT = StreamKeys.STREAM.value();
  private static final String DELETED = "deleted.json";
  private static final Pattern BELOW = Pattern.compile(StreamKeys.FORKS + "/([^/]+)/(.+)");

  private ForkKeys() {}

  static ObjectKey folder(String name) {
    return ObjectKey.of(StreamKeys.FORKS + "/" + name);
  }

  static ObjectKey document(String name) {
    return ObjectKey.of(folder(name) + "/" + DOCUMENT);
  }

  /** The mark that a fork of this name was deleted. */
  static ObjectKey mark(String name) {
    return ObjectKey.of(folder(name) + "/" + DELETED);
  }

  /** The fork that an object below {@code forks/} belongs to. */
  static Optional<String> owner(ObjectKey object) {
    Matcher matcher = BELOW.matcher(object.value());
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
