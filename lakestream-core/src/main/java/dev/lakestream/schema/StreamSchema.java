// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.schema;

import dev.lakestream.format.Limits;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One version of a stream's schema.
 *
 * @param id 0, 1, 2, … in the order of the log
 * @param sequence the columns that context parallelism divides
 * @param boundaries the column that holds the starts of documents, if the stream has one
 */
public record StreamSchema(
    int id, List<Field> fields, List<String> sequence, Optional<String> boundaries) {
  private static final Set<String> RESERVED = Set.of("_sample_id", "_source");

  public StreamSchema {
    fields = List.copyOf(fields);
    sequence = List.copyOf(sequence);
  }

  /** What is wrong with this schema by {@code docs/format.md} §3.1, or empty. */
  public Optional<String> problem() {
    if (fields.isEmpty()) {
      return Optional.of("it has no columns");
    }
    if (count(fields) > Limits.FIELDS) {
      return Optional.of("it has more than " + Limits.FIELDS + " fields");
    }
    return problemOfFields(fields, 1)
        .or(this::problemOfReservedNames)
        .or(this::problemOfSequence)
        .or(this::problemOfBoundaries);
  }

  /** Why {@code next} is no evolution of this schema, or empty if it only adds nullable columns. */
  public Optional<String> problemOfEvolution(StreamSchema next) {
    if (next.id != id + 1) {
      return Optional.of("its id is " + next.id + ", the next one is " + (id + 1));
    }
    if (next.fields.size() < fields.size()
        || !next.fields.subList(0, fields.size()).equals(fields)) {
      return Optional.of("it does not begin with the columns of schema " + id);
    }
    for (Field added : next.fields.subList(fields.size(), next.fields.size())) {
      if (!added.nullable()) {
        return Optional.of("the new column '" + added.name() + "' is not nullable");
      }
    }
    if (!next.sequence.equals(sequence) || !next.boundaries.equals(boundaries)) {
      return Optional.of("it changes the sequence or boundaries columns");
    }
    return next.problem();
  }

  public Optional<Field> field(String name) {
    return fields.stream().filter(field -> field.name().equals(name)).findFirst();
  }

  private Optional<String> problemOfReservedNames() {
    for (Field field : fields) {
      if (field.name().startsWith("_") && !RESERVED.contains(field.name())) {
        return Optional.of(
            "column '" + field.name() + "' begins with '_', which only " + RESERVED + " may");
      }
      if (field.name().equals("_source") && field.type() != ColumnType.Simple.UTF8) {
        return Optional.of("column '_source' must be utf8");
      }
    }
    return Optional.empty();
  }

  private Optional<String> problemOfSequence() {
    if (new HashSet<>(sequence).size() != sequence.size()) {
      return Optional.of("a sequence column is named twice");
    }
    for (String name : sequence) {
      Optional<Field> field = field(name);
      if (field.isEmpty()) {
        return Optional.of("the sequence column '" + name + "' is not among the columns");
      }
      Optional<Field> item = item(field.get().type());
      if (field.get().nullable()
          || item.isEmpty()
          || item.get().nullable()
          || item.get().type().width() == 0) {
        return Optional.of(
            "the sequence column '"
                + name
                + "' must be a non-nullable list or fixed_size_list of non-nullable items of fixed width");
      }
    }
    return Optional.empty();
  }

  private Optional<String> problemOfBoundaries() {
    if (boundaries.isEmpty()) {
      return Optional.empty();
    }
    Optional<Field> field = field(boundaries.get());
    boolean fits =
        field.isPresent()
            && !field.get().nullable()
            && field.get().type() instanceof ColumnType.ListOf list
            && !list.item().nullable()
            && list.item().type() == ColumnType.Simple.INT32
            && !sequence.contains(boundaries.get());
    return fits
        ? Optional.empty()
        : Optional.of(
            "the boundaries column '"
                + boundaries.get()
                + "' must be a non-nullable list of non-nullable int32 and no sequence column");
  }

  private static Optional<Field> item(ColumnType type) {
    if (type instanceof ColumnType.ListOf list) {
      return Optional.of(list.item());
    }
    if (type instanceof ColumnType.FixedSizeList list) {
      return Optional.of(list.item());
    }
    return Optional.empty();
  }

  private static Optional<String> problemOfFields(List<Field> fields, int depth) {
    if (depth > Limits.TYPE_NESTING) {
      return Optional.of("types nest deeper than " + Limits.TYPE_NESTING);
    }
    Set<String> names = new HashSet<>();
    for (Field field : fields) {
      if (field.name().isEmpty()
          || field.name().codePointCount(0, field.name().length()) > Limits.FIELD_NAME_LENGTH) {
        return Optional.of(
            "a column name must have 1 to " + Limits.FIELD_NAME_LENGTH + " characters");
      }
      if (!names.add(field.name())) {
        return Optional.of("column '" + field.name() + "' appears twice");
      }
      Optional<String> problem = problemOfType(field.type(), depth);
      if (problem.isPresent()) {
        return Optional.of("column '" + field.name() + "': " + problem.get());
      }
    }
    return Optional.empty();
  }

  private static Optional<String> problemOfType(ColumnType type, int depth) {
    if (type instanceof ColumnType.MapOf map && map.key().nullable()) {
      return Optional.of("the key of a map can't be nullable");
    }
    List<Field> children = children(type);
    return children.isEmpty() ? Optional.empty() : problemOfFields(children, depth + 1);
  }

  private static int count(List<Field> fields) {
    int count = 0;
    for (Field field : fields) {
      count += 1 + count(children(field.type()));
    }
    return count;
  }

  private static List<Field> children(ColumnType type) {
    if (type instanceof ColumnType.ListOf list) {
      return List.of(list.item());
    } else if (type instanceof ColumnType.LargeListOf list) {
      return List.of(list.item());
    } else if (type instanceof ColumnType.FixedSizeList list) {
      return List.of(list.item());
    } else if (type instanceof ColumnType.Struct struct) {
      return struct.fields();
    } else if (type instanceof ColumnType.MapOf map) {
      return List.of(map.key(), map.value());
    }
    return List.of();
  }
}
