// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.PackedRows;
import dev.lakestream.arrow.Schemas;
import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleResult.BundleStep;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.bundle.CellCompression;
import dev.lakestream.log.Action;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** A stream of packed rows, which are the same for the same step and slot. */
public final class StreamFixture implements AutoCloseable {
  static final int LENGTH = 32;
  private static final int ROWS = 3;

  final Path directory;
  final StreamSchema schema;
  final int slots;
  final int pieces;
  final CountingStore store;
  final LakeStream stream;
  final ProducerSession producer;
  final BufferAllocator allocator = new RootAllocator();

  StreamFixture(Path directory, StreamSchema schema, int slots, int pieces)
      throws IOException, InterruptedException {
    this.directory = directory;
    this.schema = schema;
    this.slots = slots;
    this.pieces = pieces;
    this.store =
        new CountingStore(LocalObjectStore.at(directory, LocalObjectStore.Durability.PROCESS));
    StreamDefinition definition =
        new StreamDefinition(
            schema.fields(), slots, pieces, schema.sequence(), schema.boundaries());
    Environment environment = new Environment(InstantSource.system(), UUID::randomUUID, time -> {});
    this.stream = LakeStream.create(store, definition, environment);
    this.producer = ProducerSession.open(stream, "tests");
  }

  public static StreamFixture packed(Path directory, boolean boundaries, int slots, int pieces)
      throws IOException, InterruptedException {
    return new StreamFixture(directory, Schemas.packed(LENGTH, boundaries), slots, pieces);
  }

  public LakeStream stream() {
    return stream;
  }

  public BufferAllocator allocator() {
    return allocator;
  }

  Path file(BundleDescriptor bundle) {
    return directory.resolve(bundle.key().value());
  }

  /** The documents of the rows of a slot: some slots of a step have fewer rows, or none. */
  static List<List<Integer>> documents(long step, int slot) {
    List<List<Integer>> all = new ArrayList<>();
    for (int row = 0; row < (step * 7 + slot * 5L) % (ROWS + 1); row++) {
      int first = 8 * Math.toIntExact((step + slot + row) % 4);
      all.add(List.of(0, first, first, LENGTH));
    }
    return all;
  }

  public VectorSchemaRoot rows(long step, int slot) {
    return PackedRows.rows(
        allocator, schema, documents(step, slot), Math.toIntExact(step * 100 + slot));
  }

  /** Uploads the steps [from, to) as one bundle of these slots. */
  BundleResult upload(long from, long to, int firstSlot, int count) throws IOException {
    return upload(from, to, firstSlot, BundleSpec.of(schema, count, pieces));
  }

  private BundleResult upload(long from, long to, int firstSlot, BundleSpec spec)
      throws IOException {
    try (BundleWriter writer =
        BundleWriter.create(store, producer.newBundleKey(), spec, allocator)) {
      for (long step = from; step < to; step++) {
        for (int slot = 0; slot < spec.slots(); slot++) {
          try (VectorSchemaRoot rows = rows(step, firstSlot + slot)) {
            writer.add((int) (step - from), slot, rows, 10 + slot);
          }
        }
      }
      return writer.finish();
    }
  }

  /** Uploads and commits the next steps as one bundle. */
  public BundleDescriptor commit(int steps) throws IOException, InterruptedException {
    return commit(steps, CellCompression.NONE);
  }

  /** As {@link #commit(int)}, with cells that are compressed. */
  BundleDescriptor commit(int steps, CellCompression compression)
      throws IOException, InterruptedException {
    long next = stream.state().nextStep();
    BundleSpec spec = BundleSpec.of(schema, slots, pieces).with(compression);
    BundleResult bundle = upload(next, next + steps, 0, spec);
    commit(List.of(bundle.descriptor()), List.of(group(0, bundle)));
    return bundle.descriptor();
  }

  void commit(List<BundleDescriptor> bundles, List<StepGroup> groups)
      throws IOException, InterruptedException {
    producer.commit(Commit.of(new CommitContent.Inline(bundles, groups), "at"));
  }

  static StepGroup group(int index, BundleResult bundle) {
    return new StepGroup.BundleGroup(
        index, bundle.steps().stream().map(BundleStep::asRecord).toList());
  }

  /** Gives the stream's schema another column; this goes on without it. */
  void addColumn(Field column) throws IOException, InterruptedException {
    List<Field> fields = new ArrayList<>(schema.fields());
    fields.add(column);
    new StreamControl(stream)
        .commit(
            new Action.AddSchema(
                new StreamSchema(1, fields, schema.sequence(), schema.boundaries())));
  }

  @Override
  public void close() {
    allocator.close();
  }
}
