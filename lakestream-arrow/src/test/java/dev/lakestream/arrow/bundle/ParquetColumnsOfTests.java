// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.Schemas;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.IntervalUnit;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import java.util.ArrayList;
import java.util.List;

/** Columns of every type that Parquet holds, and some that are nested deeper. */
public final class ParquetColumnsOfTests {
  private ParquetColumnsOfTests() {}

  /** All of {@link Schemas#everyType} but intervals of days. */
  public static List<Field> everyType() {
    List<Field> columns =
        new ArrayList<>(
            Schemas.everyType().stream()
                .filter(
                    field ->
                        !(field.type() instanceof ColumnType.Interval interval)
                            || interval.unit() == IntervalUnit.MONTHS)
                .toList());
    Field word = Field.nullable("word", Simple.UTF8);
    Field flag = Field.nullable("flag", Simple.BOOL);
    Field pair = Field.nullable("pair", new ColumnType.FixedSizeList(flag, 2));
    Field numbers =
        Field.nullable("numbers", new ColumnType.ListOf(Field.nullable("n", Simple.INT16)));
    ColumnType deep = new ColumnType.Struct(List.of(numbers, word, pair));
    columns.add(Field.nullable("deep", deep));
    columns.add(
        Field.nullable(
            "map",
            new ColumnType.MapOf(
                Field.required("key", Simple.INT32), Field.nullable("value", deep))));
    columns.add(
        Field.nullable("fixed", new ColumnType.FixedSizeList(Field.nullable("item", deep), 3)));
    columns.add(
        Field.nullable(
            "lists", new ColumnType.ListOf(Field.nullable("item", new ColumnType.ListOf(pair)))));
    return columns;
  }
}
