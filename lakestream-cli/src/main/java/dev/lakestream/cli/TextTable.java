// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Rows of text in aligned columns; numbers to the right. */
public final class TextTable {
  private final List<String[]> rows = new ArrayList<>();

  /** A table with these column heads. */
  public TextTable(String... heads) {
    rows.add(heads);
  }

  /** A table of JSON objects with the same members; a member that is missing is blank. */
  public static TextTable of(JsonNode objects) {
    Set<String> heads = new LinkedHashSet<>();
    objects.forEach(object -> object.fieldNames().forEachRemaining(heads::add));
    TextTable table = new TextTable(heads.toArray(String[]::new));
    for (JsonNode object : objects) {
      table.row(heads.stream().map(head -> object.path(head).asText()).toArray());
    }
    return table;
  }

  /** Adds a row with as many cells as there are heads. */
  public TextTable row(Object... cells) {
    String[] row = new String[cells.length];
    for (int i = 0; i < cells.length; i++) {
      row[i] = String.valueOf(cells[i]);
    }
    rows.add(row);
    return this;
  }

  /** Prints heads and rows. */
  public void print(PrintWriter out) {
    int columns = rows.get(0).length;
    int[] widths = new int[columns];
    boolean[] numbers = new boolean[columns];
    for (int column = 0; column < columns; column++) {
      numbers[column] = rows.size() > 1;
      for (int row = 0; row < rows.size(); row++) {
        String cell = rows.get(row)[column];
        widths[column] = Math.max(widths[column], cell.length());
        numbers[column] &= row == 0 || cell.matches("-?[0-9][0-9.,]*[×%]?");
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        String padding = " ".repeat(widths[column] - row[column].length());
        line.append(numbers[column] ? padding + row[column] : row[column] + padding).append("  ");
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
