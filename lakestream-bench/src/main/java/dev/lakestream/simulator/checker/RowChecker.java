// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.simulator.world.Archive;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What is named is there, and the rows of each producer are there once and in order. */
final class RowChecker {
  /** A bundle begins with the range of its rows. */
  private static final int HEAD_BYTES = 64;

  private final Log log;
  private final Truth truth;
  private final RecordChecker records;

  RowChecker(Log log) {
    this.log = log;
    this.truth = log.truth();
    this.records = new RecordChecker(log);
  }

  void check() {
    checkDurability();
    checkRows();
  }

  /** Invariant 4: data is durable before the entry that names it is put. */
  private void checkDurability() {
    for (Log.Entry entry : log.entries()) {
      for (JsonNode bundle : entry.json().path("bundles")) {
        checkThere(bundle, entry);
      }
      for (JsonNode attachment : entry.json().path("attachments")) {
        checkThere(attachment.get("bundle"), entry);
      }
    }
  }

  private void checkThere(JsonNode bundle, Log.Entry entry) {
    Archive.Change birth = log.births().get(bundle.get("key").asText());
    if (birth == null || birth.number() > entry.number()) {
      throw new Violation(
          4,
          "version "
              + entry.json().get("version")
              + " names "
              + bundle.get("key").asText()
              + ", which was not there");
    }
  }

  /** Invariant 6: each producer's rows once, in order, and its state says how far it got. */
  private void checkRows() {
    Map<String, Long> visible = new HashMap<>();
    int next = 0;
    for (Truth.Mark mark : truth.marks()) {
      for (; next < mark.steps(); next++) {
        Truth.Step step = truth.steps().get(next);
        records.check(step);
        if (step.repeated() && step.tags().isEmpty()) {
          continue; // of slots of several steps: their records, and RepeatChecker, say enough
        }
        RowRange rows = RowRange.parse(step.tags().get(0));
        if (step.repeated()) {
          checkBundles(step, rows);
          continue;
        }
        long expected = visible.getOrDefault(rows.source(), 0L);
        if (rows.from() != expected) {
          throw new Violation(
              6,
              "step "
                  + next
                  + " of version "
                  + step.version()
                  + " has the rows "
                  + rows
                  + ", the next of this producer is "
                  + expected);
        }
        checkBundles(step, rows);
        visible.put(rows.source(), rows.to());
      }
      checkState(mark, visible);
    }
  }

  private void checkBundles(Truth.Step step, RowRange rows) {
    long from = Long.MAX_VALUE;
    long to = -1;
    for (String key : step.bundles()) {
      RowRange held = content(key);
      if ((to >= 0 && held.from() != to) || !held.source().equals(rows.source())) {
        throw new Violation(6, "the bundles of the rows " + rows + " do not join: " + step);
      }
      from = Math.min(from, held.from());
      to = held.to();
    }
    if (rows.from() < from || rows.to() > to) {
      throw new Violation(3, "the rows " + rows + " are not in the bundles " + step.bundles());
    }
  }

  private void checkState(Truth.Mark mark, Map<String, Long> visible) {
    Log.Entry entry = log.entries().get((int) mark.version());
    String id = entry.json().at("/producer/id").asText();
    Truth.Producer producer = mark.producers().get(id);
    if (!entry.valid() || producer == null) {
      return;
    }
    long reached = visible.getOrDefault(id, 0L);
    for (String key : producer.attachmentKeys()) {
      RowRange rest = content(key);
      if (rest.from() != reached) {
        throw new Violation(6, "the attachment " + rest + " does not go on at row " + reached);
      }
      reached = rest.to();
    }
    long state = Testimony.position(producer.state());
    if (state != reached) {
      throw new Violation(
          6, id + " says in version " + mark.version() + " " + state + ", it is at " + reached);
    }
  }

  private RowRange content(String key) {
    String text = new String(log.birth(key).content(), StandardCharsets.US_ASCII);
    return RowRange.parse(text.substring(0, Math.min(text.length(), HEAD_BYTES)).strip());
  }
}
