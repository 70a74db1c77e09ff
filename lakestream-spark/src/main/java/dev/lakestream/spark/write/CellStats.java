// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.log.StepRecord;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the log says of a cell's rows, or of those of several cells.
 *
 * @param lossTokens {@link StepRecord#UNSAID} where nobody counts
 * @param sources rows by source
 */
record CellStats(long rows, long tokens, long lossTokens, Map<String, Long> sources)
    implements Serializable {
  /** Takes the place of the sources that a step can't name. */
  static final String OTHER_SOURCES = "(other)";

  CellStats {
    sources = Map.copyOf(sources);
  }

  static CellStats sum(List<CellStats> parts) {
    long rows = 0;
    long tokens = 0;
    long lossTokens = 0;
    Map<String, Long> sources = new TreeMap<>();
    for (CellStats part : parts) {
      rows += part.rows;
      tokens = Math.addExact(tokens, part.tokens);
      boolean unsaid = part.lossTokens == StepRecord.UNSAID || lossTokens == StepRecord.UNSAID;
      lossTokens = unsaid ? StepRecord.UNSAID : Math.addExact(lossTokens, part.lossTokens);
      part.sources.forEach((source, count) -> sources.merge(source, count, Long::sum));
    }
    return new CellStats(rows, tokens, lossTokens, sources);
  }

  StepRecord asRecord(Digest digest) {
    return new StepRecord(rows, tokens, lossTokens, digest, namedSources(), List.of(), Map.of());
  }

  /** The sources with the most rows; a step can name only so many. */
  private Map<String, Long> namedSources() {
    if (sources.size() <= Limits.SOURCES) {
      return sources;
    }
    Map<String, Long> named = new TreeMap<>();
    sources.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(
            source ->
                named.merge(
                    named.size() < Limits.SOURCES - 1 ? source.getKey() : OTHER_SOURCES,
                    source.getValue(),
                    Long::sum));
    return named;
  }
}
