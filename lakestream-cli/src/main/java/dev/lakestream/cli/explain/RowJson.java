// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.arrow.reader.SlotBatch;
import java.io.PrintWriter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.FieldVector;

/** Rows of micro-batches as JSON, and as text of a limited width. */
final class RowJson {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final List<String> FIRST = List.of("_slot", "_sample_id", "_source");

  private RowJson() {}

  /** Adds the first rows of a micro-batch, until there are so many in all. */
  static void add(SlotBatch batch, int limit, ArrayNode rows) {
    for (int row = 0; row < batch.root().getRowCount() && rows.size() < limit; row++) {
      ObjectNode object = rows.addObject();
      object.put("_slot", batch.slot());
      for (FieldVector vector : batch.root().getFieldVectors()) {
        object.set(vector.getName(), value(vector, row));
      }
    }
  }

  /** Arrow's own text of a value, as JSON where it is JSON; bytes in hex. */
  private static JsonNode value(FieldVector vector, int row) {
    Object value = vector.isNull(row) ? null : vector.getObject(row);
    if (value instanceof Number || value instanceof Boolean || value == null) {
      return MAPPER.valueToTree(value);
    }
    if (value instanceof byte[] bytes) {
      return MAPPER.valueToTree(HexFormat.of().formatHex(bytes));
    }
    String text = value.toString();
    try {
      return text.startsWith("[") || text.startsWith("{")
          ? MAPPER.readTree(text)
          : MAPPER.valueToTree(text);
    } catch (JsonProcessingException e) {
      return MAPPER.valueToTree(text);
    }
  }

  /**
   * Prints each row, a line for each column, none with more than so many characters of a value.
   * What the sample is comes first.
   */
  static void print(JsonNode rows, int width, PrintWriter out) {
    for (JsonNode row : rows) {
      out.println();
      for (String name : FIRST) {
        if (row.has(name)) {
          print(name, row.get(name), width, out);
        }
      }
      for (Map.Entry<String, JsonNode> member : row.properties()) {
        if (!FIRST.contains(member.getKey())) {
          print(member.getKey(), member.getValue(), width, out);
        }
      }
    }
  }

  private static void print(String name, JsonNode value, int width, PrintWriter out) {
    String text = value.isTextual() ? value.textValue() : value.toString();
    out.printf("%-15s %s%n", name, shortened(text, width));
  }

  /** The first characters of a text, and how many there are if that is not all. */
  static String shortened(String text, int width) {
    return text.length() <= width
        ? text
        : text.substring(0, width) + "… (" + text.length() + " characters)";
  }
}
