// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * A JSON object that came from storage, read member by member. Every accessor either gives what the
 * format allows or throws {@link CorruptObjectException} with the object's key and the path of the
 * member. Unknown members are not looked at.
 */
public final class JsonObject {
  private final String object;
  private final Place path;
  private final JsonNode node;

  /** Where something is in an object: put into words for errors only. */
  @FunctionalInterface
  private interface Place {
    String describe();
  }

  JsonObject(String object, JsonNode node) {
    this(object, () -> "", node);
  }

  private JsonObject(String object, Place path, JsonNode node) {
    this.object = object;
    this.path = path;
    this.node = node;
    if (!node.isObject()) {
      throw corrupt("a JSON object is wanted");
    }
  }

  /** The error for this place of this object. */
  public CorruptObjectException corrupt(String what) {
    String place = path.describe();
    return new CorruptObjectException(object, place.isEmpty() ? what : "at " + place + ": " + what);
  }

  public boolean has(String member) {
    return node.has(member);
  }

  /** Whether there is this list with something in it: an empty one counts as absent. */
  public boolean hasItems(String member) {
    JsonNode value = node.get(member);
    return value != null && !(value.isArray() && value.isEmpty());
  }

  public long integer(String member, long min, long max) {
    return integer(required(member), at(member), min, max);
  }

  public int integer(String member, int min, int max) {
    return (int) integer(member, (long) min, (long) max);
  }

  /** Any integer of the format: 0 to 2⁵³−1. */
  public long integer(String member) {
    return integer(member, 0L, Limits.MAX_INTEGER);
  }

  public Optional<Long> optionalInteger(String member) {
    return has(member) ? Optional.of(integer(member)) : Optional.empty();
  }

  public boolean bool(String member) {
    JsonNode value = required(member);
    if (!value.isBoolean()) {
      throw corruptAt(at(member), "true or false is wanted");
    }
    return value.booleanValue();
  }

  /** A string of at most so many characters. */
  public String string(String member, int maxLength) {
    return string(required(member), at(member), maxLength);
  }

  public Optional<String> optionalString(String member, int maxLength) {
    return has(member) ? Optional.of(string(member, maxLength)) : Optional.empty();
  }

  /** A string of at most so many bytes of UTF-8. */
  public Optional<String> optionalUtf8(String member, int maxBytes) {
    Optional<String> value = optionalString(member, maxBytes);
    if (value.isPresent() && value.get().getBytes(StandardCharsets.UTF_8).length > maxBytes) {
      throw corruptAt(at(member), "it has more than " + maxBytes + " bytes");
    }
    return value;
  }

  public String name(String member) {
    String value = string(member, 128);
    if (!Names.isValid(value)) {
      throw corruptAt(at(member), "it is no name");
    }
    return value;
  }

  public ObjectKey key(String member) {
    String value = string(member, 1024);
    try {
      return ObjectKey.of(value);
    } catch (InvalidRequestException e) {
      throw corruptAt(at(member), "it is no key below the stream's root");
    }
  }

  public Digest digest(String member) {
    String value = string(member, 64);
    try {
      return new Digest(value);
    } catch (InvalidRequestException e) {
      throw corruptAt(at(member), "it is no SHA-256");
    }
  }

  public UUID uuid(String member) {
    String value = string(member, 36);
    if (!Syntax.isUuid(value)) {
      throw corruptAt(at(member), "it is no UUID");
    }
    return UUID.fromString(value);
  }

  public JsonObject object(String member) {
    return new JsonObject(object, at(member), required(member));
  }

  public Optional<JsonObject> optionalObject(String member) {
    return has(member) ? Optional.of(object(member)) : Optional.empty();
  }

  /** A list of objects; an absent one is empty. */
  public <T> List<T> objects(String member, int maxSize, Function<JsonObject, T> decoder) {
    return elements(
        member, maxSize, (place, value) -> decoder.apply(new JsonObject(object, place, value)));
  }

  /** A list of strings; an absent one is empty. */
  public List<String> strings(String member, int maxSize, int maxLength) {
    return elements(member, maxSize, (place, value) -> string(value, place, maxLength));
  }

  /** A list of lists of exactly {@code width} integers; an absent one is empty. */
  public List<long[]> integerTuples(String member, int maxSize, int width) {
    return elements(
        member,
        maxSize,
        (place, value) -> {
          if (!value.isArray() || value.size() != width) {
            throw corruptAt(place, "a list of " + width + " integers is wanted");
          }
          long[] tuple = new long[width];
          for (int i = 0; i < width; i++) {
            tuple[i] = integer(value.get(i), place, 0, Limits.MAX_INTEGER);
          }
          return tuple;
        });
  }

  /** A list of integers. */
  public long[] integers(String member, int maxSize) {
    required(member);
    return elements(member, maxSize, (place, value) -> integer(value, place, 0, Limits.MAX_INTEGER))
        .stream()
        .mapToLong(Long::longValue)
        .toArray();
  }

  /** The pairs [string, integer] of a list. */
  public <T> List<T> pairs(
      String member,
      int maxSize,
      int maxLength,
      java.util.function.BiFunction<String, Long, T> of) {
    return elements(
        member,
        maxSize,
        (place, value) -> {
          if (!value.isArray() || value.size() != 2) {
            throw corruptAt(place, "a pair of string and integer is wanted");
          }
          return of.apply(
              string(value.get(0), place, maxLength),
              integer(value.get(1), place, 0, Limits.MAX_INTEGER));
        });
  }

  /** The members of a map of strings to integers; an absent one is empty. */
  public Map<String, Long> integerMap(String member, int maxSize, int maxLength) {
    return members(
        member, maxSize, maxLength, (place, value) -> integer(value, place, 0, Limits.MAX_INTEGER));
  }

  /** The members of a map of strings to strings; an absent one is empty. */
  public Map<String, String> stringMap(String member, int maxSize, int maxLength) {
    return members(member, maxSize, maxLength, (place, value) -> string(value, place, maxLength));
  }

  private interface Element<T> {
    T decode(Place place, JsonNode value);
  }

  private <T> List<T> elements(String member, int maxSize, Element<T> element) {
    JsonNode list = node.get(member);
    if (list == null) {
      return List.of();
    }
    if (!list.isArray()) {
      throw corruptAt(at(member), "a list is wanted");
    }
    if (list.size() > maxSize) {
      throw corruptAt(at(member), "it has " + list.size() + " elements, at most " + maxSize);
    }
    List<T> decoded = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      int index = i;
      decoded.add(element.decode(() -> at(member).describe() + "[" + index + "]", list.get(i)));
    }
    return List.copyOf(decoded);
  }

  private <T> Map<String, T> members(
      String member, int maxSize, int maxLength, Element<T> element) {
    JsonNode map = node.get(member);
    if (map == null) {
      return Map.of();
    }
    if (!map.isObject() || map.size() > maxSize) {
      throw corruptAt(at(member), "an object of at most " + maxSize + " members is wanted");
    }
    Map<String, T> decoded = new LinkedHashMap<>();
    map.properties()
        .forEach(
            entry -> {
              decoded.put(
                  checked(entry.getKey(), () -> "a name in " + at(member).describe(), maxLength),
                  element.decode(
                      () -> at(member).describe() + "." + entry.getKey(), entry.getValue()));
            });
    return java.util.Collections.unmodifiableMap(decoded);
  }

  private JsonNode required(String member) {
    JsonNode value = node.get(member);
    if (value == null) {
      throw corruptAt(at(member), "it is absent");
    }
    return value;
  }

  private long integer(JsonNode value, Place place, long min, long max) {
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw corruptAt(place, "an integer is wanted");
    }
    long number = value.longValue();
    if (number < min || number > max) {
      throw corruptAt(place, number + " is not between " + min + " and " + max);
    }
    return number;
  }

  private String string(JsonNode value, Place place, int maxLength) {
    if (!value.isTextual()) {
      throw corruptAt(place, "a string is wanted");
    }
    return checked(value.textValue(), place, maxLength);
  }

  /** Characters are code points, so that every language counts them alike. */
  private String checked(String text, Place place, int maxLength) {
    if (text.length() > maxLength && text.codePointCount(0, text.length()) > maxLength) {
      throw corruptAt(place, "it is longer than " + maxLength + " characters");
    }
    if (!Syntax.isUnicode(text)) {
      throw corruptAt(place, "it is not Unicode: it has half of a surrogate pair");
    }
    return text;
  }

  private Place at(String member) {
    return () -> {
      String place = path.describe();
      return place.isEmpty() ? member : place + "." + member;
    };
  }

  private CorruptObjectException corruptAt(Place place, String what) {
    return new CorruptObjectException(object, "at " + place.describe() + ": " + what);
  }
}
