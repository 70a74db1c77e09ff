// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleResult.BundleStep;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;

/**
 * A stream in a directory, with rows that follow from their step and slot, and a mount of it named
 * {@code demo}.
 */
final class StreamOnDisk implements AutoCloseable {
  static final StreamSchema SCHEMA =
      new StreamSchema(
          0,
          List.of(
              Field.required("tokens", new ColumnType.ListOf(Field.required("item", Simple.INT32))),
              Field.nullable("name", Simple.UTF8)),
          List.of("tokens"),
          Optional.empty());
  private static final int LENGTH = 8;

  final Path directory;
  final int slots;
  final int pieces;
  final ObjectStore store;
  final LakeStream stream;
  final BufferAllocator allocator = new RootAllocator();
  private final ProducerSession producer;
  private BundleFormat format = BundleFormat.ARROW;

  StreamOnDisk(Path directory, int slots, int pieces) throws IOException, InterruptedException {
    this(
        directory,
        LocalObjectStore.at(directory, LocalObjectStore.Durability.PROCESS),
        slots,
        pieces);
  }

  StreamOnDisk(Path directory, ObjectStore store, int slots, int pieces)
      throws IOException, InterruptedException {
    this.directory = directory;
    this.slots = slots;
    this.pieces = pieces;
    this.store = store;
    this.stream =
        LakeStream.create(
            store,
            new StreamDefinition(
                SCHEMA.fields(), slots, pieces, SCHEMA.sequence(), SCHEMA.boundaries()),
            dev.lakestream.stream.Environment.system());
    this.producer = ProducerSession.open(stream, "tests");
  }

  /** Settings with the mount. */
  Configuration settings() {
    Configuration settings = new Configuration();
    settings.set("fs.lakestream.mount.demo.root", directory.toString());
    settings.set("fs.lakestream.mount.demo.option.local.durability", "process");
    return settings;
  }

  /** A file system of its own, whose view begins now. */
  FileSystem open() throws IOException {
    return FileSystem.newInstance(URI.create("lakestream://demo"), settings());
  }

  /** Rows of a slot, as plain values: some slots have fewer, or none. */
  static List<List<Object>> expected(long step, int slot) {
    List<List<Object>> rows = new ArrayList<>();
    for (int row = 0; row < (step + slot) % 4; row++) {
      List<Integer> tokens = new ArrayList<>();
      for (int at = 0; at < LENGTH; at++) {
        tokens.add(Math.toIntExact(step * 1000 + slot * 100L + row * 10L + at));
      }
      rows.add(List.of(tokens, "row-" + row));
    }
    return rows;
  }

  /** The same as vectors; the caller closes them. */
  VectorSchemaRoot rows(long step, int slot) {
    return vectors(expected(step, slot));
  }

  /** Rows as vectors; the caller closes them. */
  VectorSchemaRoot vectors(List<List<Object>> rows) {
    VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.toArrow(SCHEMA), allocator);
    root.allocateNew();
    ListVector tokens = (ListVector) root.getVector("tokens");
    IntVector values = (IntVector) tokens.getDataVector();
    VarCharVector names = (VarCharVector) root.getVector("name");
    int value = 0;
    for (int row = 0; row < rows.size(); row++) {
      tokens.startNewValue(row);
      List<?> wanted = (List<?>) rows.get(row).get(0);
      for (Object token : wanted) {
        values.setSafe(value++, (Integer) token);
      }
      tokens.endValue(row, wanted.size());
      names.setSafe(row, rows.get(row).get(1).toString().getBytes(StandardCharsets.UTF_8));
    }
    values.setValueCount(value);
    root.setRowCount(rows.size());
    return root;
  }

  /** Stages the rows of a step, a file for each slot. */
  void stage(FileSystem files, org.apache.hadoop.fs.Path stage, long step) throws IOException {
    for (int slot = 0; slot < slots; slot++) {
      try (VectorSchemaRoot rows = rows(step, slot);
          FSDataOutputStream out =
              files.create(new org.apache.hadoop.fs.Path(stage, "slot-000" + slot + ".arrow"))) {
        out.write(ArrowFiles.file(rows));
      }
    }
  }

  /** From now on bundles are of this format. */
  StreamOnDisk as(BundleFormat wanted) {
    format = wanted;
    return this;
  }

  /** Uploads the steps [from, to) of some slots as one bundle. */
  BundleResult upload(long from, long to, int firstSlot, int count) throws IOException {
    BundleSpec spec = BundleSpec.of(SCHEMA, count, pieces).as(format);
    try (BundleWriter writer =
        BundleWriter.create(store, producer.newBundleKey(format), spec, allocator)) {
      for (long step = from; step < to; step++) {
        for (int slot = 0; slot < count; slot++) {
          try (VectorSchemaRoot rows = rows(step, firstSlot + slot)) {
            writer.add((int) (step - from), slot, rows, 0);
          }
        }
      }
      return writer.finish();
    }
  }

  /** Commits the next steps as one bundle. */
  BundleResult commit(int steps) throws IOException, InterruptedException {
    long next = stream.refresh().nextStep();
    BundleResult bundle = upload(next, next + steps, 0, slots);
    commit(
        new CommitContent.Inline(
            List.of(bundle.descriptor()),
            List.of(
                new StepGroup.BundleGroup(
                    0, bundle.steps().stream().map(BundleStep::asRecord).toList()))));
    return bundle;
  }

  /**
   * Commits the next step, gathered of two bundles of two steps each, of which it is the second.
   */
  void commitGathered() throws IOException, InterruptedException {
    long next = stream.refresh().nextStep();
    int half = slots / 2;
    BundleResult left = upload(next - 1, next + 1, 0, half);
    BundleResult right = upload(next - 1, next + 1, half, slots - half);
    BundleStep last = left.steps().get(1);
    commit(
        new CommitContent.Inline(
            List.of(left.descriptor(), right.descriptor()),
            List.of(
                new StepGroup.CellGroup(
                    List.of(new CellRange(0, 0, half, 1), new CellRange(1, 0, slots - half, 1)),
                    last.asRecord()))));
  }

  private void commit(CommitContent.Inline content) throws IOException, InterruptedException {
    producer.commit(Commit.of(content, "at " + stream.state().nextStep()));
  }

  @Override
  public void close() throws IOException {
    store.close();
    allocator.close();
  }
}
