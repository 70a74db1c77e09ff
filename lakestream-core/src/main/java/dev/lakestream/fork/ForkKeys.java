// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fork;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectKey;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the objects are that belong to a fork and lie in its parent. */
final class ForkKeys {
  /** The job in whose name forks pin their parent. */
  static final String JOB = "fork";

  static final ObjectKey PINS = ObjectKey.of("pins/" + JOB);

  private static final String DOCUMENT = StreamKeys.STREAM.value();
  private static final String DELETED = "deleted.json";
  private static final String UUID_SYNTAX =
      "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
  private static final Pattern PIN = Pattern.compile(PINS + "/([^/]+)-" + UUID_SYNTAX + "\\.json");
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

  static ObjectKey pin(String name, UUID fork) {
    return ObjectKey.of(PINS + "/" + name + "-" + fork + ".json");
  }

  /** The fork that a pin is for; empty for a foreign object. */
  static Optional<String> pinned(ObjectKey pin) {
    Matcher matcher = PIN.matcher(pin.value());
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** The fork that an object below {@code forks/} belongs to. */
  static Optional<String> owner(ObjectKey object) {
    Matcher matcher = BELOW.matcher(object.value());
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
