// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.CellCompression;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.spark.options.RowCounts;
import dev.lakestream.spark.options.RowOrder;
import dev.lakestream.spark.options.StreamAddress;
import dev.lakestream.store.ObjectKey;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What every task of a job must know.
 *
 * @param producer the job's name in the log
 * @param epoch of its session
 * @param fields of the stream's schema, whose id is {@code schema}
 * @param boundaries the column with the starts of documents; empty if there is none
 * @param ordinals where the stream's columns are in a row
 * @param slotRows rows of a slot, R
 * @param slots of a step, S
 * @param bundleSize bytes of a bundle to aim at
 * @param order which rows become which step
 * @param rowCounts of the partitions where the order is that of the DataFrame, of none otherwise
 * @param places the columns that say where rows belong
 * @param format what files the bundles are
 */
record WritePlan(
    StreamAddress address,
    String producer,
    long epoch,
    int schema,
    List<Field> fields,
    List<String> sequence,
    String boundaries,
    List<Integer> ordinals,
    int slotRows,
    int slots,
    int pieces,
    long bundleSize,
    CellMeter meter,
    RowOrder order,
    RowCounts rowCounts,
    PlaceColumns places,
    BundleFormat format,
    CellCompression compression)
    implements Serializable {

  StreamSchema streamSchema() {
    return new StreamSchema(
        schema, fields, sequence, Optional.of(boundaries).filter(name -> !name.isEmpty()));
  }

  /** Rows of a step, G. */
  long stepRows() {
    return (long) slotRows * slots;
  }

  /** A bundle of so many slots. */
  BundleSpec bundle(int bundleSlots) {
    return BundleSpec.of(streamSchema(), bundleSlots, pieces).as(format).with(compression);
  }

  /** A bundle of one step that is written as it comes. */
  BundleSpec streamedBundle() {
    return BundleSpec.streamed(streamSchema(), slots).as(format).with(compression);
  }

  /** A key that no other attempt of any task will ever use. */
  ObjectKey newBundleKey() {
    return StreamKeys.bundle(producer, epoch, UUID.randomUUID(), format.label());
  }
}
