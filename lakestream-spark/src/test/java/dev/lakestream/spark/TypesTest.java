// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.spark.vector.SparkSchemas;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.GeographyType;
import org.apache.spark.sql.types.GeometryType;
import org.apache.spark.sql.types.ObjectType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.UserDefinedType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of every type come back as they were, nulls and parts included. */
class TypesTest {
  @TempDir private Path folder;

  private static final List<String> EXPRESSIONS =
      List.of(
          "id % 2 = 0",
          "cast(id - 50 as tinyint)",
          "cast(id * 300 - 5000 as smallint)",
          "cast(id * 70000 as int)",
          "id * 10000000000",
          "cast(id as float) / 7",
          "cast(id as double) / 7",
          "repeat('ä', cast(id as int))",
          "cast(repeat('x', cast(id as int)) as binary)",
          "cast(id - 10 as decimal(5, 2)) / 3",
          "cast(id - 10 as decimal(38, 10)) * 100000000000",
          "date_add(date'1969-12-01', cast(id as int))",
          "timestamp_micros(id * 1234567891)",
          "cast(timestamp_micros(id * 1234567891) as timestamp_ntz)",
          "make_dt_interval(cast(id as int), 1, 2, 3.000004)",
          "make_ym_interval(cast(id as int), 5)",
          "make_time(cast(id as int), 59, 1.000002)",
          "transform(sequence(0, id), i -> if(i % 4 = 2, null, make_time(1, cast(i as int), 0)))",
          "transform(sequence(0, id), i -> cast(i as tinyint))",
          "transform(sequence(0, id), i -> cast(i as smallint))",
          "transform(sequence(0, id), i -> cast(i as int))",
          "sequence(0, id)",
          "transform(sequence(0, id), i -> cast(i as float))",
          "transform(sequence(0, id), i -> cast(i as double))",
          "transform(sequence(0, id), i -> i % 3 = 0)",
          "transform(sequence(0, id), i -> if(i % 4 = 2, null, cast(i as int)))",
          "transform(sequence(0, 200), i -> if(i % 66 = 63, null, i))",
          "transform(sequence(0, id), i -> if(i % 4 = 2, null, i % 3 = 0))",
          "transform(sequence(0, id), i -> if(i % 4 = 2, null, cast(i as decimal(20, 3))))",
          "transform(sequence(0, id), i -> if(i % 4 = 2, null, cast(i as string)))",
          "transform(sequence(0, id), i -> cast(cast(i as string) as binary))",
          "transform(sequence(0, id), i -> date_add(date'2020-01-01', cast(i as int)))",
          "transform(sequence(0, id), i -> timestamp_micros(i))",
          "transform(sequence(0, id % 4), i -> sequence(0, i))",
          "transform(sequence(0, id % 4), i -> if(i = 1, null, sequence(0, i)))",
          "array()",
          "cast(array() as array<int>)",
          "named_struct('a', id, 'b', if(id % 2 = 0, null, 'x'), 'c', sequence(0, id))",
          "named_struct('a', if(id % 2 = 0, null, named_struct('b', id)), 'm', map('k', id))",
          "transform(sequence(0, id % 5), i -> named_struct('a', i, 'b', cast(i as string)))",
          "map('a', id, 'b', if(id % 2 = 0, null, id))",
          "map_from_arrays(sequence(0, id), transform(sequence(0, id), i -> cast(i as string)))",
          "map(id, map('x', array(id)))",
          "null");

  /** All at once, each as it is and with nulls, in cells of several tasks and of the driver. */
  @Test
  void valuesComeBack() {
    List<String> columns = new ArrayList<>(List.of("id"));
    for (int i = 0; i < EXPRESSIONS.size(); i++) {
      columns.add(EXPRESSIONS.get(i) + " as plain" + i);
      columns.add("if(id % 3 = 1, null, " + EXPRESSIONS.get(i) + ") as nullable" + i);
    }
    Dataset<Row> rows =
        Sparks.session().range(0, 23, 1, 3).selectExpr(columns.toArray(String[]::new));
    Path root = folder.resolve("stream");
    Sparks.write(rows, 8, 2).save(root.toString());
    Dataset<Row> read = Sparks.read(root);
    assertThat(read.schema().catalogString()).isEqualTo(rows.schema().catalogString());
    List<Row> wanted = rows.orderBy("id").collectAsList();
    List<Row> found = read.orderBy("id").collectAsList();
    assertThat(found).hasSameSizeAs(wanted);
    for (int row = 0; row < wanted.size(); row++) {
      for (int column = 0; column < columns.size(); column++) {
        assertThat(Sparks.text(found.get(row).get(column)))
            .as("row %s of %s", row, columns.get(column))
            .isEqualTo(Sparks.text(wanted.get(row).get(column)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "make_interval(1, 2, 3)",
        "array(make_interval(1, 2, 3))",
        "named_struct('deep', parse_json('1'))",
        "parse_json('{\"a\":1}')"
      })
  void otherTypesAreRefusedByTheNameOfTheColumn(String expression) {
    Dataset<Row> rows = Sparks.session().range(3).selectExpr("id", expression + " as odd");
    assertThatThrownBy(() -> Sparks.write(rows, 1, 1).save(folder.resolve("stream").toString()))
        .hasMessageContaining("column 'odd")
        .hasMessageContaining("no equivalent in Arrow");
    assertThat(folder.resolve("stream")).doesNotExist();
  }

  /** Those that no expression makes, or none that Spark lets by. */
  @Test
  void everyOtherTypeIsRefusedNestedOrNot() {
    Map<DataType, String> reasons =
        Map.of(
            DataTypes.VariantType,
            "no equivalent in Arrow",
            DataTypes.CalendarIntervalType,
            "no equivalent in Arrow",
            GeometryType.apply(4326),
            "no equivalent in Arrow",
            GeographyType.apply(4326),
            "no equivalent in Arrow",
            new Celsius(),
            "no equivalent in Arrow",
            new ObjectType(Object.class),
            "no equivalent in Arrow",
            StringType.apply("UTF8_LCASE"),
            "neither lengths nor collations",
            DataTypes.createCharType(5),
            "neither lengths nor collations",
            DataTypes.createVarcharType(5),
            "neither lengths nor collations");
    reasons.forEach(
        (type, reason) -> {
          for (DataType nested : List.of(type, DataTypes.createArrayType(type))) {
            StructType rows = new StructType().add("odd", nested);
            assertThatThrownBy(() -> SparkSchemas.fields(rows, Map.of(), Set.of()))
                .hasMessageContaining("column 'odd")
                .hasMessageContaining(type.sql())
                .hasMessageContaining(reason);
          }
        });
  }

  @Test
  void lengthsAndCollationsAreRefusedByTables() {
    Lake lake = Lake.at(folder);
    for (String type : List.of("CHAR(5)", "VARCHAR(5)", "STRING COLLATE UTF8_LCASE")) {
      assertThatThrownBy(
              () -> lake.sql("CREATE TABLE lake.odd (text " + type + ") TBLPROPERTIES (slots = 1)"))
          .hasMessageContaining("column 'text' has the type")
          .hasMessageContaining("cast it to STRING");
    }
    assertThatThrownBy(
            () ->
                Sparks.write(
                        Sparks.session().range(3).selectExpr("'x' COLLATE UTF8_LCASE AS odd"), 1, 1)
                    .save(folder.resolve("odd").toString()))
        .hasMessageContaining("column 'odd' has the type STRING COLLATE UTF8_LCASE");
    assertThat(folder.resolve("odd")).doesNotExist();
  }

  /** A type of a user's own, which Spark keeps as another. */
  private static final class Celsius extends UserDefinedType<Double> {
    @Override
    public DataType sqlType() {
      return DataTypes.DoubleType;
    }

    @Override
    public Object serialize(Double degrees) {
      return degrees;
    }

    @Override
    public Double deserialize(Object degrees) {
      return (Double) degrees;
    }

    @Override
    public Class<Double> userClass() {
      return Double.class;
    }
  }
}
