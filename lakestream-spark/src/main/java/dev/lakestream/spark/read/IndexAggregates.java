// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.spark.place.Cut;
import dev.lakestream.spark.place.MetadataColumns;
import dev.lakestream.spark.place.PlaceBox;
import dev.lakestream.stream.CommittedGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongBiFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.aggregate.AggregateFunc;
import org.apache.spark.sql.connector.expressions.aggregate.Aggregation;
import org.apache.spark.sql.connector.expressions.aggregate.Count;
import org.apache.spark.sql.connector.expressions.aggregate.CountStar;
import org.apache.spark.sql.connector.expressions.aggregate.Max;
import org.apache.spark.sql.connector.expressions.aggregate.Min;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Aggregates that the index answers: it has the rows of each step, but not those of each slot.
 * Counts of rows and of steps, and the smallest and largest step, version and time of commit.
 */
final class IndexAggregates {
  private final List<Answer> answers;

  private IndexAggregates(List<Answer> answers) {
    this.answers = answers;
  }

  /** Without answers yet; empty if the index can't answer all that is asked. */
  static Optional<IndexAggregates> of(Aggregation aggregation) {
    if (aggregation.groupByExpressions().length > 0) {
      return Optional.empty();
    }
    List<Answer> answers = new ArrayList<>();
    for (AggregateFunc function : aggregation.aggregateExpressions()) {
      Optional<Answer> answer = answer(function);
      if (answer.isEmpty()) {
        return Optional.empty();
      }
      answers.add(answer.get());
    }
    return Optional.of(new IndexAggregates(answers));
  }

  /**
   * Counts a part of a group in.
   *
   * @return false if it has slots whose rows the index does not know
   */
  boolean add(CommittedGroup group, Cut cut) {
    if (!cut.isOfWholeSteps()) {
      return false;
    }
    for (long step = cut.firstStep(); step < cut.firstStep() + cut.steps(); step++) {
      long rows = group.step(step).rows();
      if (rows > 0) {
        for (Answer answer : answers) {
          answer.add(group, step, rows);
        }
      }
    }
    return true;
  }

  StructType schema() {
    StructType schema = new StructType();
    for (Answer answer : answers) {
      schema = schema.add("agg_func_" + schema.size(), answer.type(), true);
    }
    return schema;
  }

  InternalRow row() {
    return new GenericInternalRow(answers.stream().map(Answer::value).toArray());
  }

  private static Optional<Answer> answer(AggregateFunc function) {
    if (function instanceof CountStar) {
      return Optional.of(new Sum((group, rows) -> rows));
    } else if (function instanceof Count count) {
      return place(count.column())
          .filter(name -> !count.isDistinct() || name.equals(MetadataColumns.STEP))
          .map(name -> new Sum((group, rows) -> count.isDistinct() ? 1 : rows));
    } else if (function instanceof Min min) {
      return place(min.column()).flatMap(name -> Extreme.of(name, true));
    } else if (function instanceof Max max) {
      return place(max.column()).flatMap(name -> Extreme.of(name, false));
    }
    return Optional.empty();
  }

  private static Optional<String> place(Expression column) {
    return column instanceof NamedReference reference && reference.fieldNames().length == 1
        ? Optional.of(reference.fieldNames()[0]).filter(MetadataColumns::isOne)
        : Optional.empty();
  }

  /** What one aggregate has got to. */
  private interface Answer {
    void add(CommittedGroup group, long step, long rows);

    DataType type();

    /** What Spark takes for it: null if no row was counted in and the aggregate is an extreme. */
    @Nullable Object value();
  }

  private static final class Sum implements Answer {
    private final ToLongBiFunction<CommittedGroup, Long> summand;
    private long sum;

    Sum(ToLongBiFunction<CommittedGroup, Long> summand) {
      this.summand = summand;
    }

    @Override
    public void add(CommittedGroup group, long step, long rows) {
      sum = Math.addExact(sum, summand.applyAsLong(group, rows));
    }

    @Override
    public DataType type() {
      return DataTypes.LongType;
    }

    @Override
    public Object value() {
      return sum;
    }
  }

  private static final class Extreme implements Answer {
    private final ToLongBiFunction<CommittedGroup, Long> place;
    private final DataType type;
    private final boolean isLeast;
    private Optional<Long> value = Optional.empty();

    private Extreme(ToLongBiFunction<CommittedGroup, Long> place, DataType type, boolean isLeast) {
      this.place = place;
      this.type = type;
      this.isLeast = isLeast;
    }

    static Optional<Answer> of(String column, boolean isLeast) {
      return switch (column) {
        case MetadataColumns.STEP ->
            Optional.of(new Extreme((group, step) -> step, DataTypes.LongType, isLeast));
        case MetadataColumns.VERSION ->
            Optional.of(new Extreme((group, step) -> group.version(), DataTypes.LongType, isLeast));
        case MetadataColumns.COMMITTED ->
            Optional.of(
                new Extreme(
                    (group, step) -> PlaceBox.micros(group), DataTypes.TimestampType, isLeast));
        default -> Optional.empty();
      };
    }

    @Override
    public void add(CommittedGroup group, long step, long rows) {
      long here = place.applyAsLong(group, step);
      value =
          value
              .map(known -> isLeast ? Math.min(known, here) : Math.max(known, here))
              .or(() -> Optional.of(here));
    }

    @Override
    public DataType type() {
      return type;
    }

    @Override
    public @Nullable Object value() {
      return value.orElse(null);
    }
  }
}
