// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.schema.SchemaText;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.nio.file.Path;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.DurationVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.TimeStampSecVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream that was not written by Spark, with types that Spark has not. */
class ForeignStreamTest {
  private static final String COLUMNS =
      "u8: uint8?, u16: uint16?, u32: uint32?, u64: uint64?, half: float16?, text: large_utf8?, "
          + "bytes: fixed_size_binary(2)?, day: date64?, nanos: timestamp(ns, UTC)?, "
          + "seconds: timestamp(s)?, span: duration(ms)?";

  private static final String TIMES =
      "s: time32(s)?, ms: time32(ms)?, us: time64(us)?, ns: time64(ns)?";

  @TempDir private Path root;

  @Test
  void typesBecomeTheNextLarger() throws Exception {
    write(COLUMNS);
    List<Row> rows = Sparks.read(root).collectAsList();
    assertThat(rows).hasSize(2);
    assertThat(Sparks.text(rows.get(0)))
        .isEqualTo(
            "{255; 65535; 4294967295; 18446744073709551615; 1.5; text; [1, 2]; 1970-01-03; "
                + "1970-01-01 00:00:00.001234; 1970-01-01T00:00:07; PT0.005S}");
    assertThat(Sparks.text(rows.get(1))).isEqualTo("{" + "null; ".repeat(10) + "null}");
  }

  @Test
  void timesOfAnyUnitAreRead() throws Exception {
    write(TIMES + ", " + COLUMNS);
    List<Row> rows = Sparks.read(root).select("s", "ms", "us", "ns").collectAsList();
    assertThat(Sparks.text(rows.get(0)))
        .isEqualTo("{00:01:01; 00:00:01.001; 00:00:00.001001; 00:00:00.000001}");
    assertThat(Sparks.text(rows.get(1))).isEqualTo("{null; null; null; null}");
  }

  @Test
  void columnsThatSparkCannotReadCanBeLeftOut() throws Exception {
    write("odd: interval(day_time)?, " + COLUMNS);
    assertThatThrownBy(() -> Sparks.read(root))
        .hasMessageContaining("column 'odd'")
        .hasMessageContaining("Spark cannot read");
    StructType wanted =
        new StructType().add("u16", DataTypes.IntegerType).add("text", DataTypes.StringType);
    List<Row> rows =
        Sparks.session()
            .read()
            .format("lakestream")
            .schema(wanted)
            .load(root.toString())
            .collectAsList();
    assertThat(Sparks.text(rows.get(0))).isEqualTo("{65535; text}");
  }

  private void write(String columns) throws Exception {
    LocalObjectStore store = LocalObjectStore.at(root);
    LakeStream stream =
        LakeStream.create(
            store, StreamDefinition.of(SchemaText.parse(columns), 1), Environment.system());
    ProducerSession session = ProducerSession.open(stream, "other");
    StreamSchema schema = stream.state().schema();
    BundleResult result;
    try (BufferAllocator allocator =
            ArrowUtils.rootAllocator().newChildAllocator("test", 0, Long.MAX_VALUE);
        VectorSchemaRoot cell = VectorSchemaRoot.create(ArrowSchemas.toArrow(schema), allocator);
        BundleWriter writer =
            BundleWriter.create(
                store, session.newBundleKey(), BundleSpec.of(schema, 1, 1), allocator)) {
      cell.allocateNew();
      fill(cell);
      cell.setRowCount(2);
      writer.add(0, 0, cell, 0);
      result = writer.finish();
    }
    session.commit(
        Commit.of(
            new CommitContent.Inline(
                List.of(result.descriptor()),
                List.of(new StepGroup.BundleGroup(0, List.of(result.steps().get(0).asRecord())))),
            "done"));
  }

  private static void fill(VectorSchemaRoot cell) {
    ((UInt1Vector) cell.getVector("u8")).set(0, 255);
    ((UInt2Vector) cell.getVector("u16")).set(0, 65535);
    ((UInt4Vector) cell.getVector("u32")).set(0, -1);
    ((UInt8Vector) cell.getVector("u64")).set(0, -1L);
    ((Float2Vector) cell.getVector("half")).set(0, Float16.toFloat16(1.5f));
    ((LargeVarCharVector) cell.getVector("text"))
        .set(0, "text".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    ((FixedSizeBinaryVector) cell.getVector("bytes")).set(0, new byte[] {1, 2});
    ((DateMilliVector) cell.getVector("day")).set(0, 2 * 86_400_000L);
    ((TimeStampNanoTZVector) cell.getVector("nanos")).set(0, 1_234_567L);
    ((TimeStampSecVector) cell.getVector("seconds")).set(0, 7L);
    ((DurationVector) cell.getVector("span")).set(0, 5L);
    if (cell.getVector("s") instanceof TimeSecVector seconds) {
      seconds.set(0, 61);
      ((TimeMilliVector) cell.getVector("ms")).set(0, 1_001);
      ((TimeMicroVector) cell.getVector("us")).set(0, 1_001L);
      ((TimeNanoVector) cell.getVector("ns")).set(0, 1_001L);
    }
  }
}
