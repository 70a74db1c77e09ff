// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.arrow.Schemas;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.StreamSchema;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.types.UnionMode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArrowSchemasTest {
  @Test
  void everyTypeSurvivesTheWayToArrowAndBack() {
    StreamSchema schema = new StreamSchema(0, Schemas.everyType(), List.of(), Optional.empty());
    assertThat(schema.problem()).isEmpty();
    assertThat(ArrowSchemas.fromArrow(ArrowSchemas.toArrow(schema))).isEqualTo(Schemas.everyType());
  }

  static List<ArrowType> refusedTypes() {
    return List.of(
        new ArrowType.Utf8View(),
        new ArrowType.BinaryView(),
        new ArrowType.ListView(),
        new ArrowType.LargeListView(),
        new ArrowType.RunEndEncoded(),
        new ArrowType.Union(UnionMode.Sparse, new int[0]),
        new ArrowType.Decimal(40, 2, 256),
        new ArrowType.Decimal(10, -2, 128));
  }

  @ParameterizedTest
  @MethodSource("refusedTypes")
  void refusesWhatHasNoPlaceInAStreamAndNamesTheColumn(ArrowType type) {
    Field field = new Field("inner", FieldType.nullable(type), List.of());
    Field column = new Field("mail", FieldType.nullable(ArrowType.List.INSTANCE), List.of(field));
    assertThatThrownBy(() -> ArrowSchemas.fromArrow(new Schema(List.of(column))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("'inner' in column 'mail'");
  }

  @Test
  void refusesDictionaries() {
    DictionaryEncoding encoding = new DictionaryEncoding(1, false, null);
    Field column =
        new Field("lang", new FieldType(true, ArrowType.Utf8.INSTANCE, encoding), List.of());
    assertThatThrownBy(() -> ArrowSchemas.fromArrow(new Schema(List.of(column))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("column 'lang'")
        .hasMessageContaining("dictionary");
  }

  @Test
  void dividesOnlySequencesOfFixedSize() {
    StreamSchema schema = Schemas.packed(12, true);
    StreamSchema divided = ArrowSchemas.divided(schema, 4);
    assertThat(((ColumnType.FixedSizeList) divided.fields().get(1).type()).size()).isEqualTo(3);
    assertThat(divided.fields().get(0)).isEqualTo(schema.fields().get(0));
    assertThat(divided.fields().get(2)).isEqualTo(schema.fields().get(2));
    assertThatThrownBy(() -> ArrowSchemas.divided(schema, 5))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("'positions'")
        .hasMessageContaining("12");
  }

  @Test
  void fittingLooksAtNamesAndTypesNotAtDeclaredNullability() {
    List<dev.lakestream.schema.Field> columns = Schemas.everyType();
    List<dev.lakestream.schema.Field> looser =
        columns.stream()
            .map(field -> dev.lakestream.schema.Field.nullable(field.name(), field.type()))
            .toList();
    Schema given = ArrowSchemas.toArrow(new StreamSchema(0, looser, List.of(), Optional.empty()));
    assertThat(ArrowSchemas.problemOfFit(columns, given)).isEmpty();
    assertThat(ArrowSchemas.problemOfFit(columns.subList(1, columns.size()), given)).isPresent();
    assertThat(
            ArrowSchemas.problemOfFit(
                List.of(dev.lakestream.schema.Field.required("a", ColumnType.Simple.INT32)),
                new Schema(List.of(Field.nullable("a", ArrowType.Utf8.INSTANCE)))))
        .hasValueSatisfying(problem -> assertThat(problem).contains("'a' is", "int32"));
  }
}
