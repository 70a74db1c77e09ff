// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import dev.lakestream.spark.options.QueryOptions;
import dev.lakestream.spark.options.ReadOptions;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.AsOfTimestamp;
import org.apache.spark.sql.catalyst.analysis.TimeTravelSpec;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import scala.Option;

/** Times as Spark's users write them. */
final class TimeTravel {
  private static final long MICROS = 1_000_000L;

  private TimeTravel() {}

  /** The same options, a time among them in UTC: Spark reads it in the time zone of the session. */
  static Map<String, String> resolved(Map<String, String> options) {
    Map<String, String> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    byName.putAll(options);
    byName.computeIfPresent(ReadOptions.TIMESTAMP_AS_OF, (name, given) -> resolved(given));
    byName.computeIfPresent(QueryOptions.START_TIMESTAMP, (name, given) -> resolved(given));
    return new HashMap<>(byName);
  }

  private static String resolved(String given) {
    Option<TimeTravelSpec> time =
        TimeTravelSpec.fromOptions(
            new CaseInsensitiveStringMap(Map.of(ReadOptions.TIMESTAMP_AS_OF, given)),
            ReadOptions.TIMESTAMP_AS_OF,
            ReadOptions.VERSION_AS_OF,
            SparkSession.active().sessionState().conf().sessionLocalTimeZone());
    return instant(((AsOfTimestamp) time.get()).timestamp()).toString();
  }

  /** Spark's microseconds as a time. */
  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, MICROS), Math.floorMod(micros, MICROS) * 1_000L);
  }
}
