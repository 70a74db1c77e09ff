// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.spark.place.MetadataColumns;
import dev.lakestream.spark.place.PlaceBox;
import dev.lakestream.stream.CommittedGroup;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongBiFunction;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.aggregate.AggregateFunc;
import org.apache.spark.sql.connector.expressions.aggregate.Count;
import org.apache.spark.sql.connector.expressions.aggregate.CountStar;
import org.apache.spark.sql.connector.expressions.aggregate.Max;
import org.apache.spark.sql.connector.expressions.aggregate.Min;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/**
 * What one aggregate has got to: a count of rows or of steps, or the smallest or largest step,
 * version or time of commit.
 */
interface IndexAnswer {
  void add(CommittedGroup group, long step, long rows);

  DataType type();

  /** What Spark takes for it: null if no row was counted in and the aggregate is an extreme. */
  @Nullable Object value();

  /** The answers to a function, one for each group; empty if the index has none. */
  static Optional<Supplier<IndexAnswer>> of(AggregateFunc function) {
    if (function instanceof CountStar) {
      return Optional.of(() -> new Sum((group, rows) -> rows));
    } else if (function instanceof Count count) {
      return place(count.column())
          .filter(name -> !count.isDistinct() || name.equals(MetadataColumns.STEP))
          .map(name -> () -> new Sum((group, rows) -> count.isDistinct() ? 1 : rows));
    } else if (function instanceof Min min) {
      return place(min.column()).flatMap(name -> Extreme.of(name, true));
    } else if (function instanceof Max max) {
      return place(max.column()).flatMap(name -> Extreme.of(name, false));
    }
    return Optional.empty();
  }

  /** The column of a place that an expression is. */
  static Optional<String> place(Expression column) {
    return column instanceof NamedReference reference && reference.fieldNames().length == 1
        ? Optional.of(reference.fieldNames()[0]).filter(MetadataColumns::isOne)
        : Optional.empty();
  }

  /** A sum over steps. */
  final class Sum implements IndexAnswer {
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

  /** The least or the greatest. */
  final class Extreme implements IndexAnswer {
    private final ToLongBiFunction<CommittedGroup, Long> place;
    private final DataType type;
    private final boolean isLeast;
    private Optional<Long> value = Optional.empty();

    private Extreme(ToLongBiFunction<CommittedGroup, Long> place, DataType type, boolean isLeast) {
      this.place = place;
      this.type = type;
      this.isLeast = isLeast;
    }

    static Optional<Supplier<IndexAnswer>> of(String column, boolean isLeast) {
      return switch (column) {
        case MetadataColumns.STEP ->
            Optional.of(() -> new Extreme((group, step) -> step, DataTypes.LongType, isLeast));
        case MetadataColumns.VERSION ->
            Optional.of(
                () -> new Extreme((group, step) -> group.version(), DataTypes.LongType, isLeast));
        case MetadataColumns.COMMITTED ->
            Optional.of(
                () ->
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
