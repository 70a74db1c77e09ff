// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.wire;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines before a body. */
final class HttpHead {
  private static final int LONGEST = 1 << 20;

  private HttpHead() {}

  /** Reads to the empty line, which is part of it; empty if the peer has nothing more to say. */
  static Optional<String> read(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int last4 = 0;
    while (last4 != 0x0d0a0d0a) {
      int next = in.read();
      if (next < 0 && bytes.size() == 0) {
        return Optional.empty();
      }
      if (next < 0 || bytes.size() > LONGEST) {
        throw new EOFException("a head without an end");
      }
      bytes.write(next);
      last4 = last4 << 8 | next;
    }
    return Optional.of(bytes.toString(StandardCharsets.ISO_8859_1));
  }

  static String header(String head, String name) {
    Matcher matcher = line(name).matcher(head);
    return matcher.find() ? matcher.group(1).strip() : "";
  }

  static String withHeader(String head, String name, String value) {
    String line = "\r\n" + name + ": " + value + "\r\n";
    Matcher matcher = line(name).matcher(head);
    return matcher.find()
        ? matcher.replaceFirst(Matcher.quoteReplacement(line))
        : head.replaceFirst("\r\n", Matcher.quoteReplacement(line));
  }

  static int status(String head) {
    return Integer.parseInt(head.split(" ", 3)[1].strip());
  }

  static byte[] bytes(String head) {
    return head.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Pattern line(String name) {
    return Pattern.compile(
        "\r\n" + Pattern.quote(name.toLowerCase(Locale.ROOT)) + ":([^\r\n]*)\r\n",
        Pattern.CASE_INSENSITIVE);
  }
}
