// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.JsonObject;
import dev.lakestream.format.SealedJson;
import dev.lakestream.spark.options.WriteOptions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a streaming query says of itself in the log: how far it is. It moves with the rows, in the
 * same entry, so an epoch is in the stream if and only if the state says so.
 *
 * @param query the id that Spark keeps in the checkpoint
 * @param epoch the last one that was committed
 * @param rows and steps that the query has made visible so far
 * @param dropped rows that were left out when the query ended
 * @param form options of the last epoch, as {@link WriteOptions#form()} has them: what whoever
 *     makes steps of the carried rows has to know
 */
record EpochState(
    String query, long epoch, long rows, long steps, long dropped, Map<String, String> form) {
  private static final long NONE = -1;
  private static final int MAX_QUERY = 128;
  private static final int MAX_OPTIONS = 32;
  private static final int MAX_OPTION = 1024;

  EpochState {
    form = Map.copyOf(form);
  }

  /** A query that has not committed yet. */
  static EpochState begin(String query) {
    return new EpochState(query, NONE, 0, 0, 0, Map.of());
  }

  /**
   * The state in which the log has the producer of a query.
   *
   * @param state as its producer left it; empty if it never committed
   * @throws InvalidRequestException if that was somebody else: its epochs say nothing of ours, and
   *     whoever comes back later would find neither
   */
  static EpochState of(String query, String producer, Optional<String> state) {
    if (state.filter(text -> !text.isEmpty()).isEmpty()) {
      return begin(query);
    }
    EpochState found;
    try {
      found = parsed(state.get());
    } catch (CorruptObjectException e) {
      throw new InvalidRequestException(
          "producer '"
              + producer
              + "' belongs to something else than a streaming query: its state is "
              + state.get()
              + "; choose another name in option 'producer'",
          e);
    }
    if (!found.query.equals(query)) {
      throw new InvalidRequestException(
          "producer '"
              + producer
              + "' belongs to the streaming query "
              + found.query
              + ", and this is "
              + query
              + ", as one with another checkpoint always is: its epochs begin anew, so nothing could"
              + " tell which rows are there already. Go on with the other checkpoint, or choose"
              + " another name in option 'producer'");
    }
    return found;
  }

  /**
   * The state that is written so.
   *
   * @throws CorruptObjectException if none is
   */
  static EpochState parsed(String text) {
    JsonObject json = SealedJson.unsealed("state", text);
    return new EpochState(
        json.string("query", MAX_QUERY),
        json.integer("epoch"),
        json.integer("rows"),
        json.integer("steps"),
        json.integer("dropped_rows"),
        json.has("form") ? json.stringMap("form", MAX_OPTIONS, MAX_OPTION) : Map.of());
  }

  boolean covers(long other) {
    return other <= epoch;
  }

  EpochState after(long committed, long moreRows, long moreSteps, Map<String, String> formOfEpoch) {
    return new EpochState(
        query, committed, rows + moreRows, steps + moreSteps, dropped, formOfEpoch);
  }

  /** When the query ended, after its last epoch. */
  EpochState ended(long moreRows, long moreSteps, long moreDropped) {
    return new EpochState(
        query, epoch, rows + moreRows, steps + moreSteps, dropped + moreDropped, form);
  }

  String json() {
    ObjectNode json = SealedJson.object();
    json.put("query", query)
        .put("epoch", epoch)
        .put("rows", rows)
        .put("steps", steps)
        .put("dropped_rows", dropped);
    ObjectNode options = json.putObject("form");
    new TreeMap<>(form).forEach(options::put);
    return json.toString();
  }
}
