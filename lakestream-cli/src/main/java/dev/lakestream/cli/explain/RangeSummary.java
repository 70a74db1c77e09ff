// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.Digest;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.StepRecord;
import dev.lakestream.stream.CommittedGroup;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What was counted in a range of steps. Not thread-safe. */
final class RangeSummary {
  /** What one producer has in the range. */
  private static final class Share {
    private long steps;
    private long rows;
    private long tokens;
  }

  private final Map<String, Share> producers = new TreeMap<>();
  private final Map<String, Long> sources = new TreeMap<>();
  private final Map<Digest, Integer> digests = new HashMap<>();
  private final Share all = new Share();
  private long lossTokens;
  private long stepsWithLossTokens;

  /** Counts a step. */
  void add(CommittedGroup group, long step) {
    StepRecord record = group.step(step);
    count(all, record);
    count(producers.computeIfAbsent(group.producer().id(), id -> new Share()), record);
    record.sources().forEach((source, rows) -> sources.merge(source, rows, Long::sum));
    digests.merge(record.digest(), 1, Integer::sum);
    if (record.lossTokensIfSaid().isPresent()) {
      lossTokens += record.lossTokensIfSaid().getAsLong();
      stepsWithLossTokens++;
    }
  }

  private static void count(Share share, StepRecord record) {
    share.steps++;
    share.rows += record.rows();
    share.tokens += record.tokens();
  }

  /** How many steps have a twin of the same content on the other side, wherever it is. */
  long inCommonWith(RangeSummary other) {
    return digests.entrySet().stream()
        .mapToLong(
            entry -> Math.min(entry.getValue(), other.digests.getOrDefault(entry.getKey(), 0)))
        .sum();
  }

  /** The counts, as members of an object. */
  void addTo(ObjectNode json) {
    addTo(json, all);
    if (stepsWithLossTokens > 0) {
      json.put("loss_tokens", lossTokens).put("steps_with_loss_tokens", stepsWithLossTokens);
    }
    ObjectNode byProducer = json.putObject("producers");
    producers.forEach((id, share) -> byProducer.set(id, addTo(SealedJson.object(), share)));
    ObjectNode bySource = json.putObject("sources");
    sources.forEach(bySource::put);
  }

  private static ObjectNode addTo(ObjectNode json, Share share) {
    return json.put("steps", share.steps).put("rows", share.rows).put("tokens", share.tokens);
  }
}
