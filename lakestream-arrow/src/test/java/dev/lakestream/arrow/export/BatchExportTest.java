// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.ReaderOptions.Vectors;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.arrow.reader.StreamFixture;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.reader.Topology;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.arrow.c.ArrowArray;
import org.apache.arrow.c.ArrowSchema;
import org.apache.arrow.c.CDataDictionaryProvider;
import org.apache.arrow.c.Data;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchExportTest {
  private static final int SLOT = 3;
  private static final ReaderOptions PROMPT = ReaderOptions.defaults().withDeadline(Duration.ZERO);

  @TempDir Path directory;

  @Test
  void whatWasHandedOverLiesWhereItLayAndOutlivesTheReader()
      throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, true, 4, 1)) {
      fixture.commit(2);
      try (ArrowArray array = ArrowArray.allocateNew(fixture.allocator());
          ArrowSchema schema = ArrowSchema.allocateNew(fixture.allocator());
          CDataDictionaryProvider none = new CDataDictionaryProvider()) {
        long address;
        try (StepReader reader =
            StepReader.open(fixture.stream(), Topology.whole(), 0, PROMPT, fixture.allocator())) {
          reader.next();
          SlotBatch batch = reader.batches().get(SLOT);
          address = values(batch.root()).getDataBuffer().memoryAddress();
          new BatchExport(fixture.allocator())
              .handOver(batch, array.memoryAddress(), schema.memoryAddress());
        }
        try (VectorSchemaRoot imported =
                Data.importVectorSchemaRoot(fixture.allocator(), array, schema, none);
            VectorSchemaRoot expected = fixture.rows(0, SLOT)) {
          assertThat(values(imported).getDataBuffer().memoryAddress()).isEqualTo(address);
          assertThat(imported.contentToTSVString()).isEqualTo(expected.contentToTSVString());
        }
      }
      assertThat(fixture.allocator().getAllocatedMemory()).isZero();
    }
  }

  private static FieldVector values(VectorSchemaRoot root) {
    return root.getVector("tokens").getChildrenFromFields().get(0);
  }

  @Test
  void vectorsThatAreUsedAgainAreNotHandedOver() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, true, 4, 1)) {
      fixture.commit(1);
      ReaderOptions options = PROMPT.withVectors(Vectors.REUSED);
      try (ArrowArray array = ArrowArray.allocateNew(fixture.allocator());
          ArrowSchema schema = ArrowSchema.allocateNew(fixture.allocator());
          StepReader reader =
              StepReader.open(
                  fixture.stream(), Topology.whole(), 0, options, fixture.allocator())) {
        reader.next();
        BatchExport export = new BatchExport(fixture.allocator());
        SlotBatch batch = reader.batches().get(SLOT);
        assertThatThrownBy(
                () -> export.handOver(batch, array.memoryAddress(), schema.memoryAddress()))
            .isInstanceOf(InvalidRequestException.class)
            .hasMessageContaining("REUSED");
      }
    }
  }
}
