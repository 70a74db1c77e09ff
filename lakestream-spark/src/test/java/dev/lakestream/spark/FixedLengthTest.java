// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.schema.SchemaText;
import java.nio.file.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrays whose length is declared, and columns that must not be null. */
class FixedLengthTest {
  @TempDir private Path folder;

  @Test
  void declaredLengthsMakeFixedSizeLists() throws Exception {
    write(Sparks.rows(20, 2)).option("fixedLength.tokens", 8).save(root());
    assertThat(SchemaText.display(Sparks.stream(Path.of(root())).state().schema().fields()))
        .contains("tokens: fixed_size_list<int32>[8]");
    assertThat(
            Sparks.read(Path.of(root()))
                .where("tokens = transform(sequence(0, 7), i -> cast(id * 100 + i as int))")
                .count())
        .isEqualTo(20);
  }

  @Test
  void nullArraysAndNullElementsComeBack() {
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 20, 1, 2)
            .selectExpr(
                "id",
                "if(id % 3 = 0, null, transform(sequence(0, 3),"
                    + " i -> if((id + i) % 5 = 0, null, id + i))) as v");
    write(rows).option("fixedLength.v", 4).save(root());
    assertThat(Sparks.texts(Sparks.read(Path.of(root())))).isEqualTo(Sparks.texts(rows));
  }

  @Test
  void anotherLengthIsRefusedWithColumnPartitionRowAndLengths() {
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 20, 1, 2)
            .selectExpr("id", "sequence(0, if(id = 13, 5, 3)) as tokens");
    assertThatThrownBy(() -> write(rows).option("fixedLength.tokens", 4).save(root()))
        .rootCause()
        .hasMessageContaining("column 'tokens'")
        .hasMessageContaining("partition 1, row 3")
        .hasMessageContaining("6 elements")
        .hasMessageContaining("length is 4");
  }

  @Test
  void theStreamsLengthHoldsForLaterJobsToo() {
    write(Sparks.rows(8, 1)).option("fixedLength.tokens", 8).save(root());
    Dataset<Row> longer =
        Sparks.session().range(4).selectExpr("id", "transform(sequence(0, 8), i -> 1) as tokens");
    assertThatThrownBy(() -> write(longer).save(root()))
        .rootCause()
        .hasMessageContaining("9 elements");
    assertThatThrownBy(() -> write(longer).option("fixedLength.tokens", 9).save(root()))
        .hasMessageContaining("'fixedLength.tokens' is 9")
        .hasMessageContaining("the fixed length 8");
  }

  @Test
  void sequencesMustNotBeNull() {
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 8, 1, 1)
            .selectExpr("id", "if(id = 5, null, sequence(0, 3)) as tokens");
    assertThatThrownBy(() -> write(rows).option("sequence", "tokens").save(root()))
        .rootCause()
        .hasMessageContaining("column 'tokens' in partition 0, row 5: is null");
    Dataset<Row> holes =
        Sparks.session()
            .range(0, 8, 1, 1)
            .selectExpr("id", "transform(sequence(0, 3), i -> if(id = 2, null, i)) as tokens");
    assertThatThrownBy(() -> write(holes).option("sequence", "tokens").save(root()))
        .rootCause()
        .hasMessageContaining("column 'tokens.element' in partition 0, row 2");
  }

  @Test
  void namesOfColumnsKeepTheirCase() throws Exception {
    Dataset<Row> rows = Sparks.rows(8, 1).withColumnRenamed("tokens", "inputIds");
    write(rows).option("fixedLength.inputIds", 8).option("sequence", "inputIds").save(root());
    assertThat(SchemaText.display(Sparks.stream(Path.of(root())).state().schema().fields()))
        .contains("inputIds: fixed_size_list<int32>[8]");
  }

  @Test
  void onlyArraysHaveLengths() {
    assertThatThrownBy(() -> write(Sparks.rows(8, 1)).option("fixedLength.id", 4).save(root()))
        .hasMessageContaining("'fixedLength.id'")
        .hasMessageContaining("not an array");
    assertThatThrownBy(() -> write(Sparks.rows(8, 1)).option("fixedLength.token", 4).save(root()))
        .hasMessageContaining("'fixedLength.token'")
        .hasMessageContaining("[id, tokens]");
    assertThatThrownBy(() -> write(Sparks.rows(8, 1)).option("fixedLength.tokens", 0).save(root()))
        .hasMessageContaining("whole number from 1");
  }

  private DataFrameWriter<Row> write(Dataset<Row> rows) {
    return Sparks.write(rows, 4, 2);
  }

  private String root() {
    return folder.resolve("stream").toString();
  }
}
