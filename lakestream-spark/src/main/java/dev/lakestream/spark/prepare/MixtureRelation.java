// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import dev.lakestream.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.catalyst.util.CaseInsensitiveMap;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.TableScan;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A mixture that options describe: {@code globalBatchSize}, {@code seed}, and for each source
 * {@code <source>.table}, {@code <source>.weight} and {@code <source>.identity}. Sources are in the
 * order of their names.
 */
final class MixtureRelation extends BaseRelation implements TableScan {
  private static final String TABLE = ".table";
  private static final String WEIGHT = ".weight";
  private static final String IDENTITY = ".identity";

  private final SQLContext context;
  private final Mixture mixture;

  private MixtureRelation(SQLContext context, Mixture mixture) {
    this.context = context;
    this.mixture = mixture;
  }

  static MixtureRelation of(
      SQLContext context, scala.collection.immutable.Map<String, String> options) {
    Map<String, String> given =
        new TreeMap<>(
            CollectionConverters.asJava(
                options instanceof CaseInsensitiveMap<String> map ? map.originalMap() : options));
    long seed = number(given, "seed", "0");
    Mixture mixture = Mixture.of(Math.toIntExact(number(given, "globalBatchSize", null)), seed);
    for (String key : new ArrayList<>(given.keySet())) {
      if (key.endsWith(TABLE)) {
        String source = key.substring(0, key.length() - TABLE.length());
        mixture =
            mixture.with(
                source,
                context.sparkSession().table(taken(given, key)),
                weight(source + WEIGHT, taken(given, source + WEIGHT)),
                identity(taken(given, source + IDENTITY)));
      }
    }
    if (!given.isEmpty()) {
      throw new InvalidRequestException(
          "a mixture has no options "
              + new TreeSet<>(given.keySet())
              + ", it has globalBatchSize, seed, and table, weight and identity of each source, as in"
              + " web.table, web.weight and web.identity");
    }
    mixture.quotas();
    return new MixtureRelation(context, mixture);
  }

  private static long number(Map<String, String> given, String name, @Nullable String otherwise) {
    String text = given.containsKey(name) || otherwise == null ? taken(given, name) : otherwise;
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new InvalidRequestException(
          "option '" + name + "' is '" + text + "': a whole number is wanted", e);
    }
  }

  private static double weight(String name, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new InvalidRequestException(
          "option '" + name + "' is '" + text + "': a number is wanted", e);
    }
  }

  private static String[] identity(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::strip).toArray(String[]::new);
  }

  private static String taken(Map<String, String> given, String name) {
    String value = given.remove(name);
    if (value == null) {
      throw new InvalidRequestException("option '" + name + "' of the mixture is missing");
    }
    return value;
  }

  @Override
  public SQLContext sqlContext() {
    return context;
  }

  @Override
  public StructType schema() {
    return mixture.schema();
  }

  @Override
  public RDD<Row> buildScan() {
    return mixture.rows().rdd();
  }
}
