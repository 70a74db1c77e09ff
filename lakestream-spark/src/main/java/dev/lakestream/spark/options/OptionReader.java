// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Options by name, whatever their case, with errors that name them. */
final class OptionReader {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})\\s*([kmg]?)i?b?");

  private final Map<String, String> options = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Set<String> known = new HashSet<>();

  OptionReader(Map<String, String> options) {
    this.options.putAll(options);
  }

  Optional<String> text(String name) {
    known.add(name.toLowerCase(Locale.ROOT));
    return Optional.ofNullable(options.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  String required(String name, String what) {
    return text(name)
        .orElseThrow(
            () -> new InvalidRequestException("option '" + name + "' is missing: " + what));
  }

  Optional<Integer> integer(String name, int least, int most) {
    return text(name).map(value -> integer(name, value, least, most));
  }

  /** A whole number that is not negative, such as a step. */
  Optional<Long> number(String name) {
    return number(name, 0, Limits.MAX_INTEGER);
  }

  Optional<Boolean> flag(String name) {
    return choice(name, Flag.class).map(Flag.TRUE::equals);
  }

  private enum Flag {
    TRUE,
    FALSE
  }

  Optional<Long> number(String name, long least, long most) {
    return text(name).map(value -> number(name, value, least, most));
  }

  Optional<Long> size(String name) {
    return text(name)
        .map(
            value -> {
              Matcher matcher = SIZE.matcher(value.toLowerCase(Locale.ROOT));
              if (!matcher.matches()) {
                throw new InvalidRequestException(
                    "option '" + name + "' is '" + value + "': a size such as 64MB is wanted");
              }
              int shift =
                  switch (matcher.group(2)) {
                    case "k" -> 10;
                    case "m" -> 20;
                    case "g" -> 30;
                    default -> 0;
                  };
              return Long.parseLong(matcher.group(1)) << shift;
            });
  }

  /** Names separated by commas; empty if the option is not given. */
  Optional<List<String>> names(String name) {
    return text(name)
        .map(
            value ->
                Arrays.stream(value.split(",", -1))
                    .map(String::strip)
                    .peek(
                        part -> {
                          if (part.isEmpty()) {
                            throw new InvalidRequestException(
                                "option '" + name + "' is '" + value + "': a name is empty");
                          }
                        })
                    .toList());
  }

  <E extends Enum<E>> Optional<E> choice(String name, Class<E> type) {
    return text(name)
        .map(
            value -> {
              for (E each : type.getEnumConstants()) {
                if (each.name().equalsIgnoreCase(value)) {
                  return each;
                }
              }
              List<String> choices =
                  Arrays.stream(type.getEnumConstants())
                      .map(each -> each.name().toLowerCase(Locale.ROOT))
                      .toList();
              throw new InvalidRequestException(
                  "option '" + name + "' is '" + value + "', it must be one of " + choices);
            });
  }

  /** The options {@code prefix.<column>} with an integer each, by column. */
  Map<String, Integer> integersBelow(String prefix, int least, int most) {
    Map<String, Integer> found = new TreeMap<>();
    for (Map.Entry<String, String> option : options.entrySet()) {
      String name = option.getKey();
      if (name.regionMatches(true, 0, prefix + ".", 0, prefix.length() + 1)) {
        known.add(name.toLowerCase(Locale.ROOT));
        found.put(
            name.substring(prefix.length() + 1),
            integer(name, option.getValue().strip(), least, most));
      }
    }
    return found;
  }

  /** The options that go to the store: all with a dot that nobody else has read. */
  Map<String, String> dotted() {
    Map<String, String> found = new TreeMap<>();
    options.forEach(
        (name, value) -> {
          if (name.contains(".") && !known.contains(name.toLowerCase(Locale.ROOT))) {
            found.put(name, value);
          }
        });
    return found;
  }

  /** Refuses what nobody has read, since a mistyped option would silently do nothing. */
  void refuseOthers(String use) {
    for (String name : options.keySet()) {
      if (!name.contains(".") && !known.contains(name.toLowerCase(Locale.ROOT))) {
        throw new InvalidRequestException(
            "option '" + name + "' is unknown to " + use + ", which knows " + knownNames());
      }
    }
  }

  private List<String> knownNames() {
    return known.stream().filter(name -> !name.contains(".")).sorted().toList();
  }

  private static int integer(String name, String value, int least, int most) {
    return (int) number(name, value, least, most);
  }

  private static long number(String name, String value, long least, long most) {
    try {
      long parsed = Long.parseLong(value);
      if (parsed >= least && parsed <= most) {
        return parsed;
      }
    } catch (NumberFormatException e) {
      // Refused below with all that is wrong with it.
    }
    throw new InvalidRequestException(
        "option '"
            + name
            + "' is '"
            + value
            + "': a whole number from "
            + least
            + " to "
            + most
            + " is wanted");
  }
}
