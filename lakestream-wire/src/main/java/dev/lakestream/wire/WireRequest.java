// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.wire;

import java.util.Locale;

/**
 * The head of a request.
 *
 * @param target path and query, as sent
 * @param head all of its lines
 */
public record WireRequest(String method, String target, String head) {
  static WireRequest parse(String head) {
    String[] words = head.substring(0, head.indexOf('\r')).split(" ", 3);
    return new WireRequest(words[0], words[1], head);
  }

  /** The value of a header, or an empty string. */
  public String header(String name) {
    return HttpHead.header(head, name);
  }

  /** Whether it is a put that must not replace anything. */
  public boolean isConditionalPut() {
    return method.equals("PUT") && head.toLowerCase(Locale.ROOT).contains("\r\nif-none-match:");
  }
}
