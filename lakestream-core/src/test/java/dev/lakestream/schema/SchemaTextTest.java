// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokens: fixed_size_list<int32>[2048]",
        "a: int8?, b: uint64, c: float16, d: large_utf8?",
        "docs: list<int32>, weights: large_list<float32?>?",
        "s: struct<x: int32, y: list<struct<z: bool?>>?>",
        "m: map<utf8, list<int64?>?>",
        "b: fixed_size_binary(16), d: decimal128(38, 10)",
        "t: timestamp(us), z: timestamp(ns, Europe/Berlin)?",
        "a: time32(s), b: time64(ns), c: duration(ms), d: interval(day_time)",
        "`a b-c`: binary",
      })
  void whatIsReadIsDisplayedTheSame(String text) {
    assertThat(SchemaText.display(SchemaText.parse(text))).isEqualTo(text);
  }

  @Test
  void fieldsAreWhatTheTextSays() {
    assertThat(SchemaText.parse(" n : int64 , t:list< int32 ? > ? "))
        .isEqualTo(
            List.of(
                Field.required("n", ColumnType.Simple.INT64),
                Field.nullable(
                    "t", new ColumnType.ListOf(Field.nullable("item", ColumnType.Simple.INT32)))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "a:",
        "a: int33",
        "a: list<int32",
        "a: fixed_size_list<int32>",
        "a: int32 b: int32",
        "a: fixed_size_list<int32>[0]",
        "a: decimal128(39, 0)",
        "a: time32(ns)",
        "`a: int32",
        "a: int32,",
      })
  void whatIsNotUnderstoodIsRefusedWithItsPlace(String text) {
    assertThatThrownBy(() -> SchemaText.parse(text))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("at character");
  }

  @Test
  void deepNestingIsRefused() {
    String text = "a: " + "list<".repeat(40) + "int32" + ">".repeat(40);
    assertThatThrownBy(() -> SchemaText.parse(text)).hasMessageContaining("nest");
  }
}
