// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

import dev.lakestream.error.InvalidRequestException;
import java.util.regex.Pattern;

/** The syntax of the names that people give: producers, jobs, checkpoints, attachments. */
public final class Names {
  private static final Pattern SYNTAX = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  private Names() {}

  public static boolean isValid(String name) {
    return SYNTAX.matcher(name).matches();
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
