// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleResult.BundleStep;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.hadoop.testing.HdfsExtension;
import dev.lakestream.hadoop.testing.S3a;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.reader.Topology;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import dev.lakestream.testing.s3.S3ServerExtension;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** From a producer to a trainer, through file systems of Hadoop. */
@Timeout(300)
class HadoopStreamTest {
  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  private static final int SLOTS = 4;
  private static final int STEPS = 3;
  private static final int COMMITS = 3;
  private static final StreamSchema SCHEMA =
      new StreamSchema(
          0, List.of(Field.required("id", ColumnType.Simple.INT64)), List.of(), Optional.empty());

  @Test
  void aStreamGoesThroughHdfs() throws Exception {
    try (ObjectStore store = ObjectStores.open(HDFS.hdfs().freshRoot(), Map.of())) {
      writeAndRead(store);
    }
  }

  /** The first create races for the keys of a probe, as on every S3 server. */
  @Test
  void aStreamGoesThroughS3a() throws Exception {
    try (ObjectStore store =
        ObjectStores.open(S3a.freshRoot(S3.server()), S3a.options(S3.server()))) {
      writeAndRead(store);
    }
  }

  private static void writeAndRead(ObjectStore store) throws Exception {
    StreamDefinition definition =
        new StreamDefinition(SCHEMA.fields(), SLOTS, 1, List.of(), Optional.empty());
    LakeStream stream = LakeStream.create(store, definition, Environment.system());
    ProducerSession producer = ProducerSession.open(stream, "tests");
    try (BufferAllocator allocator = new RootAllocator()) {
      for (int commit = 0; commit < COMMITS; commit++) {
        BundleResult bundle = upload(store, producer, allocator, (long) commit * STEPS);
        StepGroup group =
            new StepGroup.BundleGroup(
                0, bundle.steps().stream().map(BundleStep::asRecord).toList());
        producer.commit(
            Commit.of(
                new CommitContent.Inline(List.of(bundle.descriptor()), List.of(group)),
                "after " + commit));
      }
      assertThat(ProducerSession.open(LakeStream.open(store), "tests").state())
          .isEqualTo("after " + (COMMITS - 1));
      read(LakeStream.open(store), allocator);
    }
    assertThat(store.pendingUploads()).isEmpty();
  }

  private static BundleResult upload(
      ObjectStore store, ProducerSession producer, BufferAllocator allocator, long first)
      throws IOException {
    try (BundleWriter writer =
        BundleWriter.create(
            store, producer.newBundleKey(), BundleSpec.of(SCHEMA, SLOTS, 1), allocator)) {
      for (int step = 0; step < STEPS; step++) {
        for (int slot = 0; slot < SLOTS; slot++) {
          try (VectorSchemaRoot rows =
              VectorSchemaRoot.create(ArrowSchemas.toArrow(SCHEMA), allocator)) {
            ((BigIntVector) rows.getVector("id")).setSafe(0, id(first + step, slot));
            rows.setRowCount(1);
            writer.add(step, slot, rows, 1);
          }
        }
      }
      return writer.finish();
    }
  }

  private static void read(LakeStream stream, BufferAllocator allocator) throws Exception {
    assertThat(stream.state().nextStep()).isEqualTo((long) COMMITS * STEPS);
    try (StepReader reader =
        StepReader.open(stream, Topology.of(1, 2), 0, ReaderOptions.defaults(), allocator)) {
      for (long step = 0; step < (long) COMMITS * STEPS; step++) {
        assertThat(reader.next()).isTrue();
        for (SlotBatch batch : reader.batches()) {
          BigIntVector ids = (BigIntVector) batch.root().getVector("id");
          assertThat(ids.get(0)).isEqualTo(id(step, batch.slot()));
        }
        assertThat(reader.batches()).extracting(SlotBatch::slot).containsExactly(2, 3);
      }
    }
  }

  private static long id(long step, int slot) {
    return step * 100 + slot;
  }
}
