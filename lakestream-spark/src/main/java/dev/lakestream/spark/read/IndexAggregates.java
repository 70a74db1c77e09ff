// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.spark.place.Cut;
import dev.lakestream.spark.place.MetadataColumns;
import dev.lakestream.spark.place.PlaceBox;
import dev.lakestream.stream.CommittedGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.aggregate.AggregateFunc;
import org.apache.spark.sql.connector.expressions.aggregate.Aggregation;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Aggregates that the index answers, of all steps or of those with the same step, producer, version
 * or time: it has the rows of each step, but not those of each slot.
 */
final class IndexAggregates {
  /** The driver holds no more; tasks count them then. */
  private static final int MOST_GROUPS = 1 << 16;

  private final List<String> keys;
  private final List<Supplier<IndexAnswer>> functions;
  private final Map<List<Object>, List<IndexAnswer>> groups = new LinkedHashMap<>();

  private IndexAggregates(List<String> keys, List<Supplier<IndexAnswer>> functions) {
    this.keys = keys;
    this.functions = functions;
    if (keys.isEmpty()) {
      groups.put(List.of(), fresh());
    }
  }

  /** Without answers yet; empty if the index can't answer all that is asked. */
  static Optional<IndexAggregates> of(Aggregation aggregation) {
    List<String> keys = new ArrayList<>();
    for (Expression key : aggregation.groupByExpressions()) {
      Optional<String> place = IndexAnswer.place(key);
      if (place.filter(name -> !name.equals(MetadataColumns.SLOT)).isEmpty()) {
        return Optional.empty();
      }
      keys.add(place.get());
    }
    List<Supplier<IndexAnswer>> functions = new ArrayList<>();
    for (AggregateFunc function : aggregation.aggregateExpressions()) {
      Optional<Supplier<IndexAnswer>> answer = IndexAnswer.of(function);
      if (answer.isEmpty()) {
        return Optional.empty();
      }
      functions.add(answer.get());
    }
    return Optional.of(new IndexAggregates(keys, functions));
  }

  /**
   * Counts a part of a group in.
   *
   * @return false if it has slots whose rows the index does not know, or there are too many groups
   */
  boolean add(CommittedGroup group, Cut cut) {
    if (!cut.isOfWholeSteps()) {
      return false;
    }
    for (long step = cut.firstStep(); step < cut.firstStep() + cut.steps(); step++) {
      long rows = group.step(step).rows();
      if (rows > 0) {
        List<IndexAnswer> answers = groups.computeIfAbsent(key(group, step), key -> fresh());
        for (IndexAnswer answer : answers) {
          answer.add(group, step, rows);
        }
      }
    }
    return groups.size() <= MOST_GROUPS;
  }

  private List<IndexAnswer> fresh() {
    return functions.stream().map(Supplier::get).toList();
  }

  private List<Object> key(CommittedGroup group, long step) {
    return keys.stream().map(name -> value(name, group, step)).toList();
  }

  private static Object value(String place, CommittedGroup group, long step) {
    return switch (place) {
      case MetadataColumns.STEP -> step;
      case MetadataColumns.VERSION -> group.version();
      case MetadataColumns.COMMITTED -> PlaceBox.micros(group);
      case MetadataColumns.PRODUCER -> UTF8String.fromString(group.producer().id());
      default -> throw new IllegalArgumentException("the index does not know " + place);
    };
  }

  StructType schema() {
    StructType schema = new StructType();
    for (String key : keys) {
      schema = schema.add(MetadataColumns.field(key));
    }
    for (IndexAnswer answer : fresh()) {
      schema = schema.add("agg_func_" + schema.size(), answer.type(), true);
    }
    return schema;
  }

  /** One for each group. */
  List<InternalRow> rows() {
    return groups.entrySet().stream()
        .<InternalRow>map(
            group ->
                new GenericInternalRow(
                    Stream.concat(
                            group.getKey().stream(),
                            group.getValue().stream().map(IndexAnswer::value))
                        .toArray()))
        .toList();
  }
}
