// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.spark.read.SlotCells;
import dev.lakestream.spark.read.SlotRange;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Rows of an epoch that fill no step, on their way to the next one: slots of bundles that the
 * producer's log entry names as attachments. Which slots of a bundle is said in the attachment's
 * name, since steps may have the others already.
 */
final class CarriedRows {
  /** Beyond these they are put together, so that a log entry stays small. */
  static final int MOST_BUNDLES = 64;

  private static final Pattern NAME = Pattern.compile("rows-\\d{1,9}\\.(\\d{1,9})-(\\d{1,9})");

  private final WritePlan plan;
  private final ObjectStore store;
  private final BufferAllocator allocator;

  CarriedRows(WritePlan plan, ObjectStore store, BufferAllocator allocator) {
    this.plan = plan;
    this.store = store;
    this.allocator = allocator;
  }

  /** These slots as attachments, in order. */
  static List<Attachment> attachments(List<LeftOverCell> cells) {
    List<Attachment> all = new ArrayList<>();
    int first = 0;
    while (first < cells.size()) {
      LeftOverCell cell = cells.get(first);
      int count = 1;
      while (first + count < cells.size() && follows(cell, count, cells.get(first + count))) {
        count++;
      }
      String name = "rows-" + all.size() + "." + cell.slot() + "-" + count;
      all.add(new Attachment(name, cell.bundle()));
      first += count;
    }
    return all;
  }

  private static boolean follows(LeftOverCell first, int count, LeftOverCell next) {
    return next.bundle().key().equals(first.bundle().key()) && next.slot() == first.slot() + count;
  }

  /**
   * The rows that a former life of the producer left, as if tasks had left them over: slots of the
   * right shape where they lie, and the rows of all others.
   *
   * @param schemas by id
   * @throws InvalidRequestException if an attachment holds something else
   */
  List<TaskReceipt> restore(List<Attachment> attachments, IntFunction<StreamSchema> schemas)
      throws IOException {
    List<TaskReceipt> all = new ArrayList<>();
    for (Attachment attachment : attachments) {
      SlotRange range = range(attachment);
      StreamSchema schema = schemas.apply(range.bundle().schema());
      try (SlotCells cells =
          new SlotCells(
              store,
              range,
              schema,
              schema.fields().stream().map(Field::name).collect(Collectors.toSet()),
              allocator)) {
        for (int slot = range.slot(); slot < range.slot() + range.count(); slot++) {
          all.add(restore(range.bundle(), slot, cells));
        }
      }
    }
    return all;
  }

  private TaskReceipt restore(BundleDescriptor bundle, int slot, SlotCells cells)
      throws IOException {
    try (VectorSchemaRoot rows = cells.rows(slot, 0)) {
      if (rows.getRowCount() == plan.slotRows()
          && bundle.schema() == plan.schema()
          && bundle.pieces() == plan.pieces()) {
        LeftOverCell cell =
            new LeftOverCell(bundle, slot, cells.digest(slot, 0), plan.meter().measure(rows));
        return TaskReceipt.unordered(List.of(), List.of(cell), IpcRows.none());
      }
      try (VectorSchemaRoot wide = widened(rows)) {
        return TaskReceipt.unordered(List.of(), List.of(), IpcRows.of(wide));
      }
    }
  }

  /** With the columns that the schema has got since, all null, which the caller closes. */
  private VectorSchemaRoot widened(VectorSchemaRoot rows) {
    List<FieldVector> columns = new ArrayList<>(rows.getFieldVectors());
    for (var field : ArrowSchemas.toArrow(plan.streamSchema()).getFields()) {
      if (rows.getVector(field.getName()) == null) {
        FieldVector nulls = field.createVector(allocator);
        nulls.setInitialCapacity(rows.getRowCount());
        nulls.allocateNew();
        nulls.setValueCount(rows.getRowCount());
        columns.add(nulls);
      }
    }
    return new VectorSchemaRoot(
        columns.stream().map(FieldVector::getField).toList(), columns, rows.getRowCount());
  }

  private static SlotRange range(Attachment attachment) {
    BundleDescriptor bundle = attachment.bundle();
    Matcher name = NAME.matcher(attachment.name());
    if (!name.matches()) {
      throw new InvalidRequestException(
          "attachment '"
              + attachment.name()
              + "' was not left by a streaming query: choose another name in option 'producer'");
    }
    int slot = Integer.parseInt(name.group(1));
    int count = Integer.parseInt(name.group(2));
    if (bundle.steps() != 1 || count == 0 || (long) slot + count > bundle.slots()) {
      throw new CorruptObjectException(
          bundle.key().value(),
          "attachment '" + attachment.name() + "' names slots that its bundle does not have");
    }
    return new SlotRange(bundle, slot, count, 0, 1);
  }
}
