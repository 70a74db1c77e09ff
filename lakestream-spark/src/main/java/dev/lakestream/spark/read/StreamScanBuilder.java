// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.log.RecordedSchema;
import dev.lakestream.spark.options.ReadOptions;
import dev.lakestream.spark.place.PlaceFilter;
import dev.lakestream.spark.place.PlacePredicates;
import dev.lakestream.spark.vector.SparkSchemas;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.connector.expressions.aggregate.Aggregation;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.SupportsPushDownAggregates;
import org.apache.spark.sql.connector.read.SupportsPushDownLimit;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.connector.read.SupportsPushDownV2Filters;
import org.apache.spark.sql.types.StructType;

/**
 * Plans a read of the readable steps as of now, or of what options make of them. Takes from Spark
 * all that the log can judge, so that what is not needed is never fetched.
 */
public final class StreamScanBuilder
    implements ScanBuilder,
        SupportsPushDownRequiredColumns,
        SupportsPushDownV2Filters,
        SupportsPushDownAggregates,
        SupportsPushDownLimit {
  private final ReadOptions options;
  private final List<Predicate> predicates = new ArrayList<>();
  private final List<PlaceFilter> filters = new ArrayList<>();
  private StructType wanted;
  private Optional<Integer> limit = Optional.empty();
  private Optional<IndexAggregates> aggregates = Optional.empty();

  /**
   * @param schema that the reader was told of
   */
  public StreamScanBuilder(ReadOptions options, StructType schema) {
    this.options = options;
    this.wanted = schema;
  }

  /**
   * The columns of the stream at the time that the options say.
   *
   * @throws dev.lakestream.error.StreamNotFoundException if there is none
   */
  public static StructType schemaOf(ReadOptions options) {
    return with(
        options, stream -> SparkSchemas.struct(ReadExtent.asOf(stream, options).schema().fields()));
  }

  @Override
  public void pruneColumns(StructType required) {
    wanted = required;
  }

  /** Takes conditions on places whole; Spark keeps all others. */
  @Override
  public Predicate[] pushPredicates(Predicate[] given) {
    return Arrays.stream(given).filter(predicate -> !take(predicate)).toArray(Predicate[]::new);
  }

  private boolean take(Predicate predicate) {
    Optional<PlaceFilter> filter = PlacePredicates.translate(predicate);
    filter.ifPresent(
        found -> {
          predicates.add(predicate);
          filters.add(found);
        });
    return filter.isPresent();
  }

  @Override
  public Predicate[] pushedPredicates() {
    return predicates.toArray(Predicate[]::new);
  }

  @Override
  public boolean supportCompletePushDown(Aggregation aggregation) {
    return IndexAggregates.of(aggregation).isPresent();
  }

  /** Answers it, if the index can. */
  @Override
  public boolean pushAggregation(Aggregation aggregation) {
    options.query().refuseInBatch();
    aggregates = IndexAggregates.of(aggregation).filter(this::isAnswered);
    return aggregates.isPresent();
  }

  private boolean isAnswered(IndexAggregates asked) {
    return with(
        options,
        stream -> {
          boolean[] known = {true};
          walk(stream, ReadExtent.of(stream, options))
              .visit((group, cut) -> known[0] = asked.add(group, cut));
          return known[0];
        });
  }

  @Override
  public boolean pushLimit(int rows) {
    limit = Optional.of(rows);
    return aggregates.isEmpty();
  }

  /** The index does not know the rows of a slot, so there may be more than was asked for. */
  @Override
  public boolean isPartiallyPushed() {
    return true;
  }

  @Override
  public Scan build() {
    if (aggregates.isPresent()) {
      IndexAggregates answered = aggregates.get();
      return new AnsweredScan(options.address(), answered.schema(), answered.rows());
    }
    return new TableScan(options, wanted, () -> with(options, this::scan));
  }

  private StreamScan scan(LakeStream stream) throws IOException {
    ReadExtent extent = ReadExtent.of(stream, options);
    StepWalk walk = walk(stream, extent);
    PlannedCells cells =
        limit.isPresent()
            ? PlannedCells.first(walk, options.partitionBytes(), limit.get())
            : PlannedCells.all(walk, options.partitionBytes());
    return new StreamScan(
        options.address(),
        new ReadColumns(options.address(), extent.schema()).of(wanted),
        ShippedSchema.of(stream.state().schemas().stream().map(RecordedSchema::schema).toList()),
        cells.near(stream.store()),
        pushed(),
        limit.map(Integer::longValue).orElse(Long.MAX_VALUE));
  }

  private StepWalk walk(LakeStream stream, ReadExtent extent) {
    PlaceFilter all =
        filters.size() == 1 ? filters.get(0) : new PlaceFilter.AllOf(List.copyOf(filters));
    return new StepWalk(stream, extent, all);
  }

  private String pushed() {
    return (predicates.isEmpty() ? "" : ", pushed: " + predicates)
        + limit.map(rows -> ", limit: " + rows).orElse("");
  }

  /** Something that is asked of the stream. */
  private interface Question<T> {
    T ask(LakeStream stream) throws IOException;
  }

  private static <T> T with(ReadOptions options, Question<T> question) {
    try (ObjectStore store = options.address().open()) {
      return question.ask(LakeStream.open(store));
    } catch (IOException e) {
      throw new UncheckedIOException("the stream at " + options.address() + " can't be read", e);
    }
  }
}
