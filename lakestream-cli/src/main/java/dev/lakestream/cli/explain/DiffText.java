// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.cli.TextTable;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The JSON about the difference of two ranges as text for people. */
final class DiffText {
  private static final int DIGEST_SHOWN = 12;

  private DiffText() {}

  static void print(JsonNode json, PrintWriter out) {
    JsonNode left = json.get("left");
    JsonNode right = json.get("right");
    TextTable totals = new TextTable("", "left", "right");
    for (String name : new String[] {"uri", "from", "to", "steps", "rows", "tokens"}) {
      totals.row(name, left.get(name).asText(), right.get(name).asText());
    }
    if (left.has("loss_tokens") || right.has("loss_tokens")) {
      totals.row(
          "loss_tokens", left.path("loss_tokens").asText(), right.path("loss_tokens").asText());
    }
    totals.print(out);
    out.println();
    printShares("producer (steps)", left.get("producers"), right.get("producers"), "steps", out);
    printShares("source (rows)", left.get("sources"), right.get("sources"), "", out);
    printVerdict(json, out);
    printDifferences(json, out);
  }

  /** Counts by name side by side, each with its part of the whole. */
  private static void printShares(
      String title, JsonNode left, JsonNode right, String member, PrintWriter out) {
    Set<String> names = new TreeSet<>();
    left.fieldNames().forEachRemaining(names::add);
    right.fieldNames().forEachRemaining(names::add);
    if (names.isEmpty()) {
      return;
    }
    long leftAll = sum(left, member);
    long rightAll = sum(right, member);
    TextTable table = new TextTable(title, "left", "", "right", "");
    for (String name : names) {
      long a = count(left.path(name), member);
      long b = count(right.path(name), member);
      table.row(name, a, percent(a, leftAll), b, percent(b, rightAll));
    }
    table.print(out);
    out.println();
  }

  private static long sum(JsonNode shares, String member) {
    long sum = 0;
    for (JsonNode share : shares) {
      sum += count(share, member);
    }
    return sum;
  }

  private static long count(JsonNode share, String member) {
    return (member.isEmpty() ? share : share.path(member)).asLong();
  }

  private static String percent(long part, long all) {
    return all == 0 ? "" : String.format(Locale.ROOT, "%.1f%%", 100.0 * part / all);
  }

  private static void printVerdict(JsonNode json, PrintWriter out) {
    if (json.get("identical").booleanValue()) {
      out.println("the steps are the same, one by one");
      return;
    }
    out.printf(
        "%s steps are the same, %s differ, %s have no counterpart; in any order %s are the same%n",
        json.get("same_steps").asText(),
        json.get("different_steps").asText(),
        json.get("steps_without_counterpart").asText(),
        json.get("same_in_any_order").asText());
    JsonNode first = json.get("first_difference");
    out.printf(
        "first difference: step %s on the left, %s on the right%s%n",
        text(first, "left_step"),
        text(first, "right_step"),
        first.has("slot") ? ", from slot " + first.get("slot").asText() + " on" : "");
  }

  private static void printDifferences(JsonNode json, PrintWriter out) {
    if (json.get("differences").isEmpty()) {
      return;
    }
    TextTable table =
        new TextTable("", "step", "rows", "tokens", "version", "producer", "sources", "digest");
    for (JsonNode pair : json.get("differences")) {
      row(table, "left", pair.path("left"));
      row(table, "right", pair.path("right"));
    }
    out.println();
    table.print(out);
    long told = json.get("differences").size();
    long all =
        json.get("different_steps").longValue() + json.get("steps_without_counterpart").longValue();
    if (told < all) {
      out.printf("… and %d more (--limit)%n", all - told);
    }
  }

  private static void row(TextTable table, String side, JsonNode step) {
    table.row(
        side,
        text(step, "step"),
        text(step, "rows"),
        text(step, "tokens"),
        text(step, "version"),
        text(step, "producer"),
        step.has("sources") ? step.get("sources").toString() : "",
        step.has("digest") ? step.get("digest").asText().substring(0, DIGEST_SHOWN) : "");
  }

  private static String text(JsonNode object, String member) {
    return object.has(member) ? object.get(member).asText() : "none";
  }
}
