// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow;

import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.IntervalUnit;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.ColumnType.Unit;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Schemas for tests. */
public final class Schemas {
  private Schemas() {}

  /** A column of every type, nullable and not, and some of types within types. */
  public static List<Field> everyType() {
    List<ColumnType> types = new ArrayList<>(List.of(Simple.values()));
    for (Unit unit : Unit.values()) {
      types.add(new ColumnType.Timestamp(unit, Optional.empty()));
      types.add(new ColumnType.Timestamp(unit, Optional.of("Europe/Berlin")));
      types.add(new ColumnType.Duration(unit));
    }
    for (IntervalUnit unit : IntervalUnit.values()) {
      types.add(new ColumnType.Interval(unit));
    }
    types.add(new ColumnType.FixedSizeBinary(5));
    types.add(new ColumnType.Decimal128(20, 3));
    types.add(new ColumnType.Time32(Unit.S));
    types.add(new ColumnType.Time32(Unit.MS));
    types.add(new ColumnType.Time64(Unit.US));
    types.add(new ColumnType.Time64(Unit.NS));
    Field word = Field.nullable("word", Simple.UTF8);
    Field number = Field.required("number", Simple.INT32);
    types.add(new ColumnType.ListOf(number));
    types.add(new ColumnType.ListOf(word));
    types.add(new ColumnType.LargeListOf(word));
    types.add(new ColumnType.FixedSizeList(number, 3));
    types.add(new ColumnType.FixedSizeList(word, 2));
    ColumnType struct = new ColumnType.Struct(List.of(word, number));
    types.add(struct);
    types.add(new ColumnType.MapOf(Field.required("key", Simple.UTF8), word));
    types.add(new ColumnType.ListOf(Field.nullable("item", struct)));
    types.add(new ColumnType.LargeListOf(Field.nullable("item", new ColumnType.ListOf(word))));
    List<Field> columns = new ArrayList<>();
    for (ColumnType type : types) {
      if (type != Simple.NULL) {
        columns.add(Field.required("r" + columns.size(), type));
      }
      columns.add(Field.nullable("n" + columns.size(), type));
    }
    return columns;
  }

  public static StreamSchema of(Field... fields) {
    return new StreamSchema(0, List.of(fields), List.of(), Optional.empty());
  }

  /** Packed sequences: tokens as a list, positions of a fixed size, document starts, a label. */
  public static StreamSchema packed(int length, boolean boundaries) {
    return new StreamSchema(
        0,
        List.of(
            Field.required("tokens", new ColumnType.ListOf(Field.required("item", Simple.INT32))),
            Field.required(
                "positions",
                new ColumnType.FixedSizeList(Field.required("item", Simple.INT64), length)),
            Field.required(
                "documents", new ColumnType.ListOf(Field.required("item", Simple.INT32))),
            Field.nullable("label", Simple.UTF8)),
        List.of("tokens", "positions"),
        boundaries ? Optional.of("documents") : Optional.empty());
  }
}
