// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.place;

import dev.lakestream.spark.place.PlaceFilter.AllOf;
import dev.lakestream.spark.place.PlaceFilter.AnyOf;
import dev.lakestream.spark.place.PlaceFilter.Between;
import dev.lakestream.spark.place.PlaceFilter.Dimension;
import dev.lakestream.spark.place.PlaceFilter.Not;
import dev.lakestream.spark.place.PlaceFilter.WrittenBy;
import dev.lakestream.spark.place.PlaceFilter.WrittenByPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Literal;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.unsafe.types.UTF8String;

/** Spark's predicates as conditions on places, where they are about nothing else. */
public final class PlacePredicates {
  private PlacePredicates() {}

  /** The same condition; empty if it needs more than places, or is of a kind unknown here. */
  public static Optional<PlaceFilter> translate(Predicate predicate) {
    Expression[] children = predicate.children();
    return switch (predicate.name()) {
      case "AND" -> translateAll(children).map(AllOf::new);
      case "OR" -> translateAll(children).map(AnyOf::new);
      case "NOT" -> translateAll(children).map(parts -> new Not(parts.get(0)));
      case "ALWAYS_TRUE" -> Optional.of(PlaceFilter.everything());
      case "ALWAYS_FALSE" -> Optional.of(new AnyOf(List.of()));
      case "IS_NOT_NULL" -> column(children[0]).map(column -> PlaceFilter.everything());
      case "IS_NULL" -> column(children[0]).map(column -> new AnyOf(List.of()));
      case "IN" -> in(children);
      case "STARTS_WITH" -> startsWith(children);
      case "=", "<=>", "<>", "<", "<=", ">", ">=" -> comparison(predicate.name(), children);
      default -> Optional.empty();
    };
  }

  private static Optional<List<PlaceFilter>> translateAll(Expression[] children) {
    List<PlaceFilter> parts = new ArrayList<>();
    for (Expression child : children) {
      Optional<PlaceFilter> part =
          child instanceof Predicate predicate ? translate(predicate) : Optional.empty();
      if (part.isEmpty()) {
        return Optional.empty();
      }
      parts.add(part.get());
    }
    return Optional.of(parts);
  }

  private static Optional<PlaceFilter> comparison(String name, Expression[] children) {
    if (children[0] instanceof Literal<?>) {
      return comparison(mirrored(name), children[1], children[0]);
    }
    return comparison(name, children[0], children[1]);
  }

  private static Optional<PlaceFilter> comparison(String name, Expression left, Expression right) {
    if (name.equals("<>")) {
      return comparison("=", left, right).map(Not::new);
    }
    Optional<String> column = column(left);
    if (column.isEmpty() || !(right instanceof Literal<?> literal) || literal.value() == null) {
      return Optional.empty();
    }
    if (literal.value() instanceof UTF8String text) {
      boolean isEqual = name.equals("=") || name.equals("<=>");
      return isEqual && column.get().equals(MetadataColumns.PRODUCER)
          ? Optional.of(new WrittenBy(Set.of(text.toString())))
          : Optional.empty();
    }
    return dimension(column.get())
        .flatMap(dimension -> number(literal).map(value -> between(dimension, name, value)));
  }

  private static PlaceFilter between(Dimension dimension, String name, long value) {
    return switch (name) {
      case "<" ->
          value == Long.MIN_VALUE
              ? new AnyOf(List.of())
              : new Between(dimension, Long.MIN_VALUE, value - 1);
      case "<=" -> new Between(dimension, Long.MIN_VALUE, value);
      case ">" ->
          value == Long.MAX_VALUE
              ? new AnyOf(List.of())
              : new Between(dimension, value + 1, Long.MAX_VALUE);
      case ">=" -> new Between(dimension, value, Long.MAX_VALUE);
      default -> new Between(dimension, value, value);
    };
  }

  private static String mirrored(String name) {
    return switch (name) {
      case "<" -> ">";
      case "<=" -> ">=";
      case ">" -> "<";
      case ">=" -> "<=";
      default -> name;
    };
  }

  private static Optional<PlaceFilter> in(Expression[] children) {
    List<PlaceFilter> parts = new ArrayList<>();
    for (int child = 1; child < children.length; child++) {
      Optional<PlaceFilter> part = comparison("=", children[0], children[child]);
      if (part.isEmpty()) {
        return Optional.empty();
      }
      parts.add(part.get());
    }
    return Optional.of(new AnyOf(parts));
  }

  private static Optional<PlaceFilter> startsWith(Expression[] children) {
    boolean ofProducer = column(children[0]).equals(Optional.of(MetadataColumns.PRODUCER));
    return ofProducer
            && children[1] instanceof Literal<?> literal
            && literal.value() instanceof UTF8String prefix
        ? Optional.of(new WrittenByPrefix(prefix.toString()))
        : Optional.empty();
  }

  /** The name of a place, if the expression is one. */
  private static Optional<String> column(Expression expression) {
    return expression instanceof NamedReference reference && reference.fieldNames().length == 1
        ? Optional.of(reference.fieldNames()[0]).filter(MetadataColumns::isOne)
        : Optional.empty();
  }

  private static Optional<Dimension> dimension(String column) {
    return switch (column) {
      case MetadataColumns.STEP -> Optional.of(Dimension.STEP);
      case MetadataColumns.SLOT -> Optional.of(Dimension.SLOT);
      case MetadataColumns.VERSION -> Optional.of(Dimension.VERSION);
      case MetadataColumns.COMMITTED -> Optional.of(Dimension.COMMITTED);
      default -> Optional.empty();
    };
  }

  private static Optional<Long> number(Literal<?> literal) {
    return literal.value() instanceof Long || literal.value() instanceof Integer
        ? Optional.of(((Number) literal.value()).longValue())
        : Optional.empty();
  }
}
