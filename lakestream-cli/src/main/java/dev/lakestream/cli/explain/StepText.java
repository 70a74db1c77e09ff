// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.cli.TextTable;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/** The JSON about a step as text for people. */
final class StepText {
  private static final Set<String> SHOWN_AS_JSON =
      Set.of("sources", "tags", "attributes", "repeat", "attachments", "cursor", "pieces");
  private static final int MAX_LINES = 64;

  private StepText() {}

  /** What was said of a step. */
  static void print(ObjectNode json, int width, PrintWriter out) {
    printMembers(json, out);
    JsonNode home = json.get("from_stream");
    if (home.get("ancestor").intValue() > 0) {
      line(out, "from", home.get("id").asText() + ", which this stream is a fork of");
    }
    out.println();
    out.println("commit");
    printCommit(json.get("commit"), width, out);
    printSkips(json, out);
    section("bundles", json.get("bundles"), out);
    section("where in them", json.get("cells"), out);
    if (json.has("rank")) {
      out.println();
      out.println("rank");
      printMembers(json.get("rank"), out);
      section("bytes of the rank", json.get("rank").get("ranges"), out);
    }
    section("slots", json.get("slot_counts"), out);
    if (json.has("rank")) {
      section("cells of the rank", json.get("stored_cells"), out);
    }
    if (!json.get("first_rows").isEmpty()) {
      out.println();
      out.println("first rows");
      RowJson.print(json.get("first_rows"), width, out);
    }
  }

  /** The members that fit on a line each. */
  static void printMembers(JsonNode json, PrintWriter out) {
    for (Map.Entry<String, JsonNode> member : json.properties()) {
      if (member.getValue().isValueNode()) {
        line(out, member.getKey(), member.getValue().asText());
      } else if (SHOWN_AS_JSON.contains(member.getKey())) {
        line(out, member.getKey(), member.getValue().toString());
      }
    }
  }

  private static void printCommit(JsonNode commit, int width, PrintWriter out) {
    for (Map.Entry<String, JsonNode> member : commit.properties()) {
      if (member.getKey().startsWith("state_")) {
        line(out, member.getKey(), stateText(member.getValue(), width));
      } else if (member.getValue().isValueNode() || !member.getValue().isEmpty()) {
        JsonNode value = member.getValue();
        line(out, member.getKey(), value.isValueNode() ? value.asText() : value.toString());
      }
    }
  }

  /** A state is whatever its producer likes; what is no printable text is shown as its bytes. */
  private static String stateText(JsonNode state, int width) {
    if (state.isNull()) {
      return "(the log does not reach back so far any more)";
    }
    String text = state.textValue();
    if (text.isEmpty()) {
      return "(none)";
    }
    boolean printable = text.codePoints().noneMatch(Character::isISOControl);
    String shown =
        printable ? text : "0x" + HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    return RowJson.shortened(shown, width);
  }

  private static void printSkips(JsonNode json, PrintWriter out) {
    for (JsonNode skip : json.get("skips")) {
      out.println();
      out.printf(
          "skipped for readers with rules=%s or later, with the steps [%s, %s): %s%n",
          skip.get("rules").asText(),
          skip.get("from").asText(),
          skip.get("to").asText(),
          skip.get("reason").asText());
    }
  }

  private static void section(String title, JsonNode objects, PrintWriter out) {
    if (objects.isEmpty()) {
      return;
    }
    out.println();
    out.println(title);
    ArrayNode shown = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < Math.min(MAX_LINES, objects.size()); i++) {
      shown.add(objects.get(i));
    }
    TextTable.of(shown).print(out);
    if (objects.size() > MAX_LINES) {
      out.printf("… and %d more; --json has all of them%n", objects.size() - MAX_LINES);
    }
  }

  private static void line(PrintWriter out, String name, String value) {
    out.printf("%-15s %s%n", name, value);
  }
}
