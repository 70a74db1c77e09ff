// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.log.StepRecord;
import dev.lakestream.spark.Sparks;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several attempts of one task at the same time, as speculation makes them. */
class AttemptsTest {
  private static final StructType ROWS = new StructType().add("id", DataTypes.LongType, false);

  @TempDir private Path folder;

  @Test
  void onlyTheChosenAttemptIsVisible() throws Exception {
    StreamBatchWrite job = job();
    DataWriterFactory factory = copy(job.createBatchWriterFactory(() -> 1));
    DataWriter<InternalRow> slow = factory.createWriter(0, 7);
    DataWriter<InternalRow> fast = factory.createWriter(0, 8);
    write(slow, 0, 5);
    write(fast, 0, 11);
    WriterCommitMessage chosen = copy(fast.commit());
    fast.close();
    // The other one ends as well, after it was too late.
    write(slow, 5, 11);
    slow.commit();
    slow.close();
    job.commit(new WriterCommitMessage[] {chosen});
    assertThat(steps().stream().mapToLong(StepRecord::rows)).containsExactly(4L, 4L, 3L);
    assertThat(stream().state().version()).isOne();
  }

  @Test
  void anAbortedAttemptRemovesItsObjectsAndNoOthers() throws Exception {
    StreamBatchWrite job = job();
    DataWriterFactory factory = job.createBatchWriterFactory(() -> 1);
    DataWriter<InternalRow> good = factory.createWriter(0, 1);
    DataWriter<InternalRow> bad = factory.createWriter(0, 2);
    write(good, 0, 9);
    WriterCommitMessage chosen = good.commit();
    good.close();
    List<Path> before = Sparks.bundles(folder);
    write(bad, 0, 9);
    Thread.currentThread().interrupt();
    bad.abort();
    assertThat(Thread.interrupted()).isTrue();
    bad.close();
    assertThat(Sparks.bundles(folder)).isEqualTo(before);
    job.commit(new WriterCommitMessage[] {chosen});
    assertThat(steps()).hasSize(3);
  }

  @Test
  void anAbortedJobLeavesNoStepAndEndsItsSession() throws Exception {
    StreamBatchWrite job = job();
    DataWriter<InternalRow> writer = job.createBatchWriterFactory(() -> 1).createWriter(0, 1);
    write(writer, 0, 9);
    WriterCommitMessage message = writer.commit();
    writer.close();
    job.abort(new WriterCommitMessage[] {message});
    assertThat(steps()).isEmpty();
    assertThat(stream().producers()).allMatch(producer -> producer.retired());
  }

  private StreamBatchWrite job() throws IOException {
    WriteOptions options =
        WriteOptions.of(
            Map.of(
                "path", folder.toString(),
                "globalBatchSize", "4",
                "slots", "2",
                "bundleSize", "1",
                "producer", "job"));
    return new StreamBatchWrite(
        options,
        WriteTarget.of(options, ROWS),
        "query",
        "application",
        new DriverMetrics(),
        Optional::empty);
  }

  private static void write(DataWriter<InternalRow> writer, long from, long to) throws IOException {
    UnsafeProjection projection = UnsafeProjection.create(ROWS);
    for (long id = from; id < to; id++) {
      InternalRow row = new GenericInternalRow(new Object[] {id});
      writer.write(projection.apply(row));
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> T copy(T object) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    return (T) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
  }

  private LakeStream stream() throws IOException {
    LakeStream stream = LakeStream.open(LocalObjectStore.at(folder));
    stream.refresh();
    return stream;
  }

  private List<StepRecord> steps() throws IOException {
    LakeStream stream = stream();
    List<StepRecord> steps = new java.util.ArrayList<>();
    for (long step = 0; step < stream.state().nextStep(); step++) {
      steps.add(stream.groupOf(step).step(step));
    }
    return steps;
  }
}
