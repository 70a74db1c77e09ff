// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.spark.options.StreamAddress;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.spark.vector.SchemaFit;
import dev.lakestream.store.ObjectKey;
import java.io.Serializable;
import java.util.Arrays;
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
    CellMeter meter)
    implements Serializable {

  /** What the tasks of a session must know. */
  static WritePlan of(WriteOptions options, WriteTarget target, ProducerStamp session) {
    StreamSchema schema = target.schema();
    return new WritePlan(
        options.address(),
        session.id(),
        session.epoch(),
        schema.id(),
        schema.fields(),
        schema.sequence(),
        schema.boundaries().orElse(""),
        Arrays.stream(SchemaFit.ordinals(target.rows(), schema.fields())).boxed().toList(),
        options.globalBatchSize() / target.slots(),
        target.slots(),
        target.pieces(),
        options.bundleSize(),
        target.meter());
  }

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
    return BundleSpec.of(streamSchema(), bundleSlots, pieces);
  }

  /** A key that no other attempt of any task will ever use. */
  ObjectKey newBundleKey() {
    return StreamKeys.bundle(producer, epoch, UUID.randomUUID());
  }
}
