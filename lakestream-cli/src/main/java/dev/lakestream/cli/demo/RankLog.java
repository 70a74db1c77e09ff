// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What one rank got, as the rank itself wrote it down: one JSON object a line, a line a step, its
 * cursor in the same line. So a line is the rank's checkpoint, and a torn one never happened.
 *
 * @param starts how often the rank was started
 * @param steps what it got, in the order in which it got it
 */
record RankLog(int starts, List<Delivery> steps) {
  private static final JsonMapper MAPPER = new JsonMapper();

  /**
   * One step as one rank got it.
   *
   * @param slots its micro-batches
   * @param cursor where the rank would go on
   */
  record Delivery(long step, List<SlotRows> slots, String cursor) {}

  /** The rows of one micro-batch, in order. */
  record SlotRows(int slot, List<Row> rows) {}

  /** A row's id and the digest of its values. */
  record Row(long id, String digest) {}

  /** Reads what there is of a log; an absent one is that of a rank that got nothing. */
  static RankLog read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return new RankLog(0, List.of());
    }
    String text = Files.readString(file, StandardCharsets.UTF_8);
    String complete = text.substring(0, text.lastIndexOf('\n') + 1);
    int starts = 0;
    List<Delivery> steps = new ArrayList<>();
    for (String line : complete.lines().toList()) {
      JsonNode json = MAPPER.readTree(line);
      if (json.has("start")) {
        starts++;
      } else {
        steps.add(delivery(json));
      }
    }
    return new RankLog(starts, steps);
  }

  /** Cuts off what a killed rank had begun to write. */
  static void cutTornLine(Path file) throws IOException {
    if (Files.exists(file)) {
      byte[] content = Files.readAllBytes(file);
      int whole = content.length;
      while (whole > 0 && content[whole - 1] != '\n') {
        whole--;
      }
      if (whole < content.length) {
        Files.write(file, Arrays.copyOf(content, whole));
      }
    }
  }

  /** The cursor of the last step; empty before the first. */
  Optional<String> lastCursor() {
    return steps.isEmpty() ? Optional.empty() : Optional.of(steps.get(steps.size() - 1).cursor());
  }

  long rows() {
    return steps.stream()
        .flatMap(step -> step.slots().stream())
        .mapToLong(slot -> slot.rows().size())
        .sum();
  }

  private static Delivery delivery(JsonNode json) {
    List<SlotRows> slots = new ArrayList<>();
    for (JsonNode slot : json.required("slots")) {
      List<Row> rows = new ArrayList<>();
      for (JsonNode row : slot.required("rows")) {
        rows.add(new Row(row.get(0).longValue(), row.get(1).textValue()));
      }
      slots.add(new SlotRows(slot.required("slot").intValue(), rows));
    }
    return new Delivery(
        json.required("step").longValue(), slots, json.required("cursor").textValue());
  }
}
