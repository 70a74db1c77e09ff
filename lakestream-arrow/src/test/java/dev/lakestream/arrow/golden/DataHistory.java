// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.golden;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleResult.BundleStep;
import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.testing.History;
import dev.lakestream.testing.InspectedStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** A stream of one producer with real bundles; always the same for the same seed. */
final class DataHistory {
  private static final String PRODUCER = "tok";

  /** Makes the rows of a slot of a step, from its numbers within the bundle. */
  @FunctionalInterface
  interface Rows {
    VectorSchemaRoot of(int step, int slot);
  }

  private final History history;
  private final BufferAllocator allocator;

  private DataHistory(History history, BufferAllocator allocator) {
    this.history = history;
    this.allocator = allocator;
    history.open(PRODUCER);
  }

  /** A fork of this stream, with a producer of its own. */
  DataHistory fork(String name, long step) throws IOException, InterruptedException {
    return new DataHistory(history.fork(name, step), allocator);
  }

  /** Commits steps of this range once more. */
  void repeat(long from, long to, List<BundleResult> bundles, List<StepGroup> groups) {
    history.repeat(
        PRODUCER,
        from,
        to,
        new CommitContent.Inline(bundles.stream().map(BundleResult::descriptor).toList(), groups));
  }

  DataHistory(long seed, StreamSchema schema, int slots, int pieces, BufferAllocator allocator) {
    this.history = History.begin(seed, schema);
    this.allocator = allocator;
    history.act(new Action.Defaults(slots, pieces));
    history.open(PRODUCER);
  }

  InspectedStore store() {
    return history.store();
  }

  /** Appends an operator's entry; its version. */
  long act(Action action) {
    return history.act(action).entry().version();
  }

  ObjectKey newKey() {
    return newKey(BundleFormat.ARROW);
  }

  ObjectKey newKey(BundleFormat format) {
    long epoch = history.fold().producer(PRODUCER).orElseThrow().epoch();
    return StreamKeys.bundle(PRODUCER, epoch, history.uuid(), format.label());
  }

  /** Writes a bundle of so many steps, and a token for each row. */
  BundleResult upload(BundleSpec spec, int steps, Rows rows) throws IOException {
    try (BundleWriter writer =
        BundleWriter.create(history.home(), newKey(spec.format()), spec, allocator)) {
      for (int step = 0; step < steps; step++) {
        for (int slot = 0; slot < spec.slots(); slot++) {
          try (VectorSchemaRoot cell = rows.of(step, slot)) {
            writer.add(step, slot, cell, cell.getRowCount());
          }
        }
      }
      return writer.finish();
    }
  }

  /** Commits all steps of a bundle as they are. */
  BundleDescriptor commit(BundleResult bundle) {
    commit(List.of(bundle), List.of(whole(0, bundle)));
    return bundle.descriptor();
  }

  void commit(List<BundleResult> bundles, List<StepGroup> groups) {
    history.commit(
        PRODUCER,
        new CommitContent.Inline(bundles.stream().map(BundleResult::descriptor).toList(), groups));
  }

  /** All steps of the bundle of this number. */
  static StepGroup whole(int number, BundleResult bundle) {
    return new StepGroup.BundleGroup(
        number, bundle.steps().stream().map(BundleStep::asRecord).toList());
  }

  /** One step of cells of these bundles. */
  static StepGroup gathered(List<BundleResult> bundles, CellRange... ranges) {
    List<SlotSummary> slots = new ArrayList<>();
    for (CellRange range : ranges) {
      BundleStep step = bundles.get(range.bundle()).steps().get(range.step());
      slots.addAll(step.slots().subList(range.slot(), range.slot() + range.count()));
    }
    return new StepGroup.CellGroup(
        List.of(ranges),
        StepRecord.of(
            slots.stream().mapToLong(SlotSummary::rows).sum(),
            slots.stream().mapToLong(SlotSummary::tokens).sum(),
            StepDigest.of(slots.stream().map(SlotSummary::digest).toList())));
  }
}
