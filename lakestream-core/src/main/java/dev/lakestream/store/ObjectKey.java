// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import dev.lakestream.error.InvalidRequestException;
import java.io.Serializable;

/**
 * The key of an object, relative to a store's root. Invariant: a key can't leave the root. Ordered
 * by its bytes.
 *
 * @param value segments of {@code [A-Za-z0-9._=-]}, 1 to 255 characters each and not beginning with
 *     a dot, joined by {@code /}; 1,024 characters at most
 */
public record ObjectKey(String value) implements Comparable<ObjectKey>, Serializable {
  private static final int MAX_LENGTH = 1024;
  private static final int MAX_SEGMENT = 255;
  private static final int MAX_SEGMENTS = 32;

  /** By character: what segments are made of. */
  private static final boolean[] LEGAL = new boolean[128];

  static {
    String legal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._=-";
    legal.chars().forEach(c -> LEGAL[c] = true);
  }

  public ObjectKey {
    if (!isValid(value)) {
      throw new InvalidRequestException(
          "not a key: '"
              + printable(value)
              + "'; a key is relative, its segments are letters, digits and ._=- and none begins with a"
              + " dot");
    }
  }

  public static ObjectKey of(String value) {
    return new ObjectKey(value);
  }

  /** Whether this string is a key, so that decoders can name the object that holds a bad one. */
  public static boolean isValid(String value) {
    if (value.length() > MAX_LENGTH) {
      return false;
    }
    int segments = 1;
    int length = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '/' && length > 0) {
        segments++;
        length = 0;
      } else if (isLegal(c) && (c != '.' || length > 0)) {
        length++;
      } else {
        return false;
      }
      if (length > MAX_SEGMENT) {
        return false;
      }
    }
    return length > 0 && segments <= MAX_SEGMENTS;
  }

  private static boolean isLegal(char c) {
    return c < LEGAL.length && LEGAL[c];
  }

  /** The last segment. */
  public String name() {
    return value.substring(value.lastIndexOf('/') + 1);
  }

  private static String printable(String value) {
    String shown = value.length() > 80 ? value.substring(0, 80) + "…" : value;
    return shown.replaceAll("\\p{Cntrl}", "?");
  }

  @Override
  public int compareTo(ObjectKey other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
