// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

import dev.lakestream.error.InvalidRequestException;

/** The syntax of the names that people give: producers, jobs, checkpoints, attachments. */
public final class Names {
  private static final int MAX_LENGTH = 128;

  private Names() {}

  /** Whether this is {@code [A-Za-z0-9][A-Za-z0-9._-]{0,127}}. */
  public static boolean isValid(String name) {
    if (name.isEmpty() || name.length() > MAX_LENGTH || !Syntax.isAlphanumeric(name.charAt(0))) {
      return false;
    }
    for (int i = 1; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!Syntax.isAlphanumeric(c) && c != '.' && c != '_' && c != '-') {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the name, or refuses it.
   *
   * @param what what it names, for the error
   */
  public static String check(String what, String name) {
    if (!isValid(name)) {
      throw new InvalidRequestException(
          what
              + " '"
              + name
              + "' is no name: use 1 to 128 letters, digits and ._-, beginning with a letter or digit");
    }
    return name;
  }
}
