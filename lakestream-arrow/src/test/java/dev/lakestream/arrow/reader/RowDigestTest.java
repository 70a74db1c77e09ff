// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.arrow.RandomRows;
import dev.lakestream.arrow.Schemas;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Digest;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.IntervalUnit;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.impl.UnionListWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RowDigestTest {
  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void nothingLeaks() {
    allocator.close();
  }

  private static Digest ofHex(String... parts) {
    return Digest.of(HexFormat.of().parseHex(String.join("", parts)));
  }

  private static String name(String name) {
    return HexFormat.of().formatHex((name + "\0").getBytes(StandardCharsets.UTF_8));
  }

  private VectorSchemaRoot root(Field... fields) {
    StreamSchema schema = new StreamSchema(0, List.of(fields), List.of(), Optional.empty());
    VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.toArrow(schema), allocator);
    root.allocateNew();
    return root;
  }

  @Test
  void simpleValuesAreEncodedAsTheDocumentationSays() {
    try (VectorSchemaRoot root =
        root(
            Field.nullable("u", Simple.UINT16),
            Field.nullable("f", Simple.FLOAT32),
            Field.nullable("b", Simple.BOOL),
            Field.nullable("t", Simple.UTF8))) {
      ((UInt2Vector) root.getVector("u")).set(0, 0xFFFE);
      ((Float4Vector) root.getVector("f")).set(0, -1.5f);
      ((BitVector) root.getVector("b")).set(0, 1);
      ((VarCharVector) root.getVector("t")).setSafe(0, "é".getBytes(StandardCharsets.UTF_8));
      root.setRowCount(2);
      assertThat(RowDigest.of(root))
          .containsExactly(
              ofHex(
                  name("u") + "01feff000000000000",
                  name("f") + "02000000000000f8bf",
                  name("b") + "0301",
                  name("t") + "040200000000000000c3a9"),
              ofHex(name("u") + "00", name("f") + "00", name("b") + "00", name("t") + "00"));
    }
  }

  @Test
  void listsOfNumbersAreRawUnlessARowHasNulls() {
    Field item = Field.nullable("item", Simple.INT16);
    try (VectorSchemaRoot root = root(Field.required("l", new ColumnType.ListOf(item)))) {
      UnionListWriter writer = ((ListVector) root.getVector("l")).getWriter();
      writer.startList();
      writer.smallInt().writeSmallInt((short) 258);
      writer.endList();
      writer.setPosition(1);
      writer.startList();
      writer.smallInt().writeSmallInt((short) 3);
      writer.writeNull();
      writer.endList();
      root.setRowCount(2);
      assertThat(RowDigest.of(root))
          .containsExactly(
              ofHex(name("l"), "07", "02", "0100000000000000", "0201"),
              ofHex(name("l"), "05", "0200000000000000", "010300000000000000", "00"));
    }
  }

  @Test
  void structsAreTheirFields() {
    ColumnType type = new ColumnType.Struct(List.of(Field.nullable("x", Simple.BOOL)));
    try (VectorSchemaRoot root = root(Field.nullable("s", type))) {
      StructVector struct = (StructVector) root.getVector("s");
      struct.setIndexDefined(0);
      root.setRowCount(2);
      assertThat(RowDigest.of(root))
          .containsExactly(ofHex(name("s"), "06", name("x"), "00"), ofHex(name("s"), "00"));
    }
  }

  @Test
  void everyTypeButOneHasADigest() {
    ColumnType none = new ColumnType.Interval(IntervalUnit.MONTH_DAY_NANO);
    List<Field> columns =
        Schemas.everyType().stream().filter(field -> !field.type().equals(none)).toList();
    try (VectorSchemaRoot rows = new RandomRows(1, allocator).rows(columns, 20);
        VectorSchemaRoot others = new RandomRows(2, allocator).rows(columns, 20)) {
      assertThat(RowDigest.of(rows)).doesNotHaveDuplicates().isEqualTo(RowDigest.of(rows));
      assertThat(RowDigest.of(others)).doesNotContainAnyElementsOf(RowDigest.of(rows));
    }
    try (VectorSchemaRoot rows =
        new RandomRows(1, allocator).rows(List.of(Field.required("i", none)), 1)) {
      assertThatThrownBy(() -> RowDigest.of(rows))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("'i'");
    }
  }
}
