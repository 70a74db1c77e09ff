// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.format.Digest;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Makes commits of a producer's next rows: whole steps, and left-over slots that stay as an
 * attachment and begin the first step of the commit after, which may be made by another life.
 */
final class StepMaker {
  private static final String REST = "rest";

  private final LakeStream stream;
  private final ProducerSession session;
  private final int producer;
  private final BufferAllocator allocator;

  StepMaker(LakeStream stream, ProducerSession session, int producer, BufferAllocator allocator) {
    this.stream = stream;
    this.session = session;
    this.producer = producer;
    this.allocator = allocator;
  }

  /**
   * The next commit; its bundles are durable.
   *
   * @param steps how many
   * @param restSlots slots to leave for the commit after
   * @param from where the log says that the producer is
   */
  Commit next(int steps, int restSlots, Position from) throws IOException {
    List<BundleDescriptor> bundles = new ArrayList<>();
    List<StepGroup> groups = new ArrayList<>();
    long row = from.nextRow();
    int whole = steps;
    if (!from.rest().isEmpty()) {
      BundleResult filling = write(row, 1, SourceRows.SLOTS - from.rest().size());
      bundles.add(session.attachments().get(0).bundle());
      bundles.add(filling.descriptor());
      groups.add(mixed(from.rest(), filling));
      row += rows(filling);
      whole--;
    }
    if (whole > 0) {
      BundleResult made = write(row, whole, SourceRows.SLOTS);
      groups.add(
          new StepGroup.BundleGroup(
              bundles.size(),
              made.steps().stream().map(BundleResult.BundleStep::asRecord).toList()));
      bundles.add(made.descriptor());
      row += rows(made);
    }
    List<Attachment> attachments = new ArrayList<>();
    List<Digest> rest = List.of();
    if (restSlots > 0) {
      BundleResult left = write(row, 1, restSlots);
      attachments.add(new Attachment(REST, left.descriptor()));
      rest = left.steps().get(0).slots().stream().map(SlotSummary::digest).toList();
      row += rows(left);
    }
    return new Commit(
        new CommitContent.Inline(bundles, groups),
        Optional.of(new Position(row, rest).state()),
        attachments,
        Optional.empty(),
        List.of());
  }

  private static StepGroup mixed(List<Digest> rest, BundleResult filling) {
    List<Digest> digests = new ArrayList<>(rest);
    filling.steps().get(0).slots().forEach(slot -> digests.add(slot.digest()));
    return new StepGroup.CellGroup(
        List.of(
            new CellRange(0, 0, rest.size(), 0),
            new CellRange(1, 0, SourceRows.SLOTS - rest.size(), 0)),
        StepRecord.of((long) SourceRows.SLOTS * SourceRows.SLOT_ROWS, 0, StepDigest.of(digests)));
  }

  private static long rows(BundleResult bundle) {
    return bundle.steps().stream().mapToLong(BundleResult.BundleStep::rows).sum();
  }

  private BundleResult write(long firstRow, int steps, int slots) throws IOException {
    BundleSpec spec = BundleSpec.of(stream.state().schema(), slots, 1);
    try (BundleWriter writer =
            BundleWriter.create(stream.store(), session.newBundleKey(), spec, allocator);
        VectorSchemaRoot cell =
            VectorSchemaRoot.create(ArrowSchemas.toArrow(stream.state().schema()), allocator)) {
      long row = firstRow;
      for (int step = 0; step < steps; step++) {
        for (int slot = 0; slot < slots; slot++) {
          SourceRows.fill(cell, producer, row);
          writer.add(step, slot, cell, 0);
          cell.clear();
          row += SourceRows.SLOT_ROWS;
        }
      }
      return writer.finish();
    }
  }
}
