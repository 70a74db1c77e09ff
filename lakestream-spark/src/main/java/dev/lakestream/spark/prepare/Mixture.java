// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import dev.lakestream.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Rows of several sources, mixed by weights so that every step has exactly the same number of rows
 * of each. Which rows meet in a step depends on the seed and on the rows, not on partitions.
 * Immutable.
 */
public final class Mixture {
  /** The column that says which step a row is to be in, counted from 0. */
  public static final String STEP = "_step";

  /** The column that says which source a row is from. */
  public static final String SOURCE = "source";

  private static final String INDEX = "_index";

  private final int stepRows;
  private final long seed;
  private final List<Source> sources;

  private record Source(String name, Dataset<Row> rows, double weight, List<String> identity) {}

  private Mixture(int stepRows, long seed, List<Source> sources) {
    this.stepRows = stepRows;
    this.seed = seed;
    this.sources = List.copyOf(sources);
  }

  /**
   * A mixture of nothing yet.
   *
   * @param stepRows rows of a step: the write's {@code globalBatchSize}
   */
  public static Mixture of(int stepRows, long seed) {
    if (stepRows < 1) {
      throw new InvalidRequestException("a step can't have " + stepRows + " rows");
    }
    return new Mixture(stepRows, seed, List.of());
  }

  /**
   * The same with one more source.
   *
   * @param rows with the same columns as those of the other sources
   * @param weight its share is its part of the sum of all weights
   * @param identity columns that tell its rows apart
   */
  public Mixture with(String name, Dataset<Row> rows, double weight, String... identity) {
    if (!(weight > 0) || Double.isInfinite(weight)) {
      throw new InvalidRequestException(
          "source '" + name + "' has the weight " + weight + ": a number above 0 is wanted");
    }
    if (sources.stream().anyMatch(source -> source.name.equals(name))) {
      throw new InvalidRequestException("there are two sources '" + name + "'");
    }
    List<Source> more = new ArrayList<>(sources);
    more.add(new Source(name, rows, weight, List.of(identity)));
    return new Mixture(stepRows, seed, more);
  }

  /**
   * Rows of each source in every step. They sum up to the rows of a step: each source has the whole
   * part of its share, and those with the largest fractions have one more.
   *
   * @throws InvalidRequestException if a source would have none, or there is no source
   */
  public Map<String, Integer> quotas() {
    if (sources.isEmpty()) {
      throw new InvalidRequestException("a mixture needs a source: say with(…)");
    }
    double sum = sources.stream().mapToDouble(Source::weight).sum();
    double[] shares =
        sources.stream().mapToDouble(source -> source.weight / sum * stepRows).toArray();
    int[] quotas = IntStream.range(0, shares.length).map(i -> (int) shares[i]).toArray();
    int given = IntStream.of(quotas).sum();
    IntStream.range(0, shares.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> quotas[i] - shares[i]))
        .limit(stepRows - given)
        .forEach(i -> quotas[i]++);
    Map<String, Integer> byName = new LinkedHashMap<>();
    for (int i = 0; i < quotas.length; i++) {
      if (quotas[i] == 0) {
        throw new InvalidRequestException(
            "source '"
                + sources.get(i).name
                + "' would have no row in a step of "
                + stepRows
                + ": give it a larger weight, or the steps more rows");
      }
      byName.put(sources.get(i).name, quotas[i]);
    }
    return byName;
  }

  /**
   * The steps that can be made until a source has no rows for another one, in order, with the
   * columns {@link #SOURCE} and {@link #STEP} beside those of the rows. Runs a job for each source,
   * which counts it.
   */
  public Dataset<Row> rows() {
    Map<String, Integer> quotas = quotas();
    long steps = Long.MAX_VALUE;
    List<Dataset<Row>> placed = new ArrayList<>();
    for (Source source : sources) {
      int quota = Objects.requireNonNull(quotas.get(source.name));
      placed.add(placed(source, quota));
      steps = Math.min(steps, source.rows.count() / quota);
    }
    Dataset<Row> all = placed.stream().reduce(Dataset::unionByName).orElseThrow();
    return all.where(col(STEP).lt(steps))
        .orderBy(col(STEP), xxhash64(lit(seed), col(STEP), col(SOURCE), col(INDEX)), col(SOURCE))
        .drop(INDEX);
  }

  /** The columns of {@link #rows()}; runs nothing. */
  StructType schema() {
    return withPlace(
        sources.stream()
            .map(source -> source.rows.limit(0))
            .reduce(Dataset::unionByName)
            .orElseThrow()
            .schema());
  }

  private static StructType withPlace(StructType rows) {
    return rows.add(SOURCE, DataTypes.StringType, false).add(STEP, DataTypes.LongType, false);
  }

  /** The rows in the order that the seed gives them, quota by quota. */
  private Dataset<Row> placed(Source source, int quota) {
    Dataset<Row> shuffled =
        Prepare.shuffle(source.rows, seed, source.identity.toArray(String[]::new));
    StructType schema = withPlace(source.rows.schema()).add(INDEX, DataTypes.LongType, false);
    String name = source.name;
    JavaRDD<Row> rows =
        shuffled
            .toJavaRDD()
            .zipWithIndex()
            .map(row -> placed(row._1(), name, row._2() / quota, row._2()));
    return source.rows.sparkSession().createDataFrame(rows, schema);
  }

  private static Row placed(Row row, String source, long step, long index) {
    Object[] values = new Object[row.size() + 3];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    values[row.size()] = source;
    values[row.size() + 1] = step;
    values[row.size() + 2] = index;
    return RowFactory.create(values);
  }
}
