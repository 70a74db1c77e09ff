// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Names;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectKey;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Where staged files are ({@code docs/format.md} §15): any file name as a key, and back. Pure.
 *
 * <p>Must: give different names different keys, and none that leads out of {@code staging/}.
 */
final class StageKeys {
  /** Says that a folder exists. */
  static final String FOLDER = "=directory";

  /** Says that a stage has become a step. */
  static final String COMMITTED = "=committed";

  private StageKeys() {}

  /**
   * The key of a staged file, or of the objects below a folder.
   *
   * @param names below {@code staging}; the first is that of the stage
   * @throws InvalidRequestException if there can't be a file of this name
   */
  static ObjectKey key(List<String> names) {
    Names.check("stage", names.get(0));
    String key =
        StreamKeys.STAGING
            + "/"
            + names.get(0)
            + names.stream().skip(1).map(name -> "/" + encode(name)).collect(Collectors.joining());
    if (!ObjectKey.isValid(key)) {
      throw new InvalidRequestException(
          "the path staging/" + String.join("/", names) + " is too long or too deep to be staged");
    }
    return ObjectKey.of(key);
  }

  /** The mark of a folder. */
  static ObjectKey folderMark(List<String> names) {
    return ObjectKey.of(key(names) + "/" + FOLDER);
  }

  /** The mark of a stage that has become a step. */
  static ObjectKey committedMark(String stage) {
    return ObjectKey.of(key(List.of(stage)) + "/" + COMMITTED);
  }

  /** Whether a segment of a key is no file but a mark. */
  static boolean isMark(String segment) {
    return segment.equals(FOLDER) || segment.equals(COMMITTED);
  }

  private static String encode(String name) {
    StringBuilder encoded = new StringBuilder();
    for (byte one : name.getBytes(StandardCharsets.UTF_8)) {
      char character = (char) (one & 0xFF);
      boolean plain =
          (character >= 'a' && character <= 'z')
              || (character >= 'A' && character <= 'Z')
              || (character >= '0' && character <= '9')
              || character == '_'
              || character == '-'
              || (character == '.' && !encoded.isEmpty());
      encoded.append(
          plain ? String.valueOf(character) : String.format(Locale.ROOT, "=%02X", one & 0xFF));
    }
    return encoded.toString();
  }

  /** The file name that a segment of a key stands for. */
  static String decode(String segment) {
    ByteArrayOutputStream name = new ByteArrayOutputStream();
    for (int at = 0; at < segment.length(); at++) {
      boolean escaped = segment.charAt(at) == '=' && at + 2 < segment.length();
      int high = escaped ? Character.digit(segment.charAt(at + 1), 16) : -1;
      int low = escaped ? Character.digit(segment.charAt(at + 2), 16) : -1;
      if (high >= 0 && low >= 0) {
        name.write(16 * high + low);
        at += 2;
      } else {
        name.write(segment.charAt(at));
      }
    }
    return name.toString(StandardCharsets.UTF_8);
  }
}
