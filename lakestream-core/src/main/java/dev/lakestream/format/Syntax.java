// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

/**
 * What strings of the format look like. Each entry that anybody reads has some dozens of them, so
 * these are loops, not regular expressions.
 */
final class Syntax {
  private static final String UUID_FORM = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

  /** By character. Digits and letters alternate at random, so to compare is to mispredict. */
  private static final boolean[] LOWER_HEX = new boolean[128];

  static {
    "0123456789abcdef".chars().forEach(digit -> LOWER_HEX[digit] = true);
  }

  private Syntax() {}

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  static boolean isLowerHex(char c) {
    return c < LOWER_HEX.length && LOWER_HEX[c];
  }

  /** An ASCII letter or digit. */
  static boolean isAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || isDigit(c) || (c >= 'A' && c <= 'Z');
  }

  /** 36 characters, lower case, with hyphens. */
  static boolean isUuid(String text) {
    if (text.length() != UUID_FORM.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (UUID_FORM.charAt(i) == '-' ? c != '-' : !isLowerHex(c)) {
        return false;
      }
    }
    return true;
  }

  /** Whether all surrogates are in pairs. */
  static boolean isUnicode(String text) {
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i); // half of a pair is a code point of its own
      if (c <= Character.MAX_VALUE && Character.isSurrogate((char) c)) {
        return false;
      }
      i += Character.charCount(c);
    }
    return true;
  }
}
