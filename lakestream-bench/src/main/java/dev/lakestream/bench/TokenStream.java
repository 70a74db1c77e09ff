// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;

/**
 * A stream of token sequences to measure with.
 *
 * @param rowTokens tokens of a row, 4 bytes each
 * @param slotRows rows of a slot
 * @param slots of a step
 * @param steps of a bundle
 * @param bundles in all, each a commit
 */
public record TokenStream(int rowTokens, int slotRows, int slots, int steps, int bundles) {
  private static final String COLUMN = "tokens";

  /** The same in so many bundles. */
  TokenStream inBundles(int count) {
    return new TokenStream(rowTokens, slotRows, slots, steps, count);
  }

  long cellBytes() {
    return (long) rowTokens * Integer.BYTES * slotRows;
  }

  long stepBytes() {
    return cellBytes() * slots;
  }

  long totalSteps() {
    return (long) steps * bundles;
  }

  /** Writes the stream. The values don't matter to what is measured, but they are not constant. */
  public void write(ObjectStore store) throws IOException, InterruptedException {
    List<Field> fields =
        List.of(
            Field.required(
                COLUMN,
                new ColumnType.FixedSizeList(
                    Field.required("item", ColumnType.Simple.INT32), rowTokens)));
    LakeStream stream =
        LakeStream.create(store, StreamDefinition.of(fields, slots), Environment.system());
    ProducerSession session = ProducerSession.open(stream, "bench");
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot cell =
            VectorSchemaRoot.create(ArrowSchemas.toArrow(stream.state().schema()), allocator)) {
      fill(cell);
      for (int bundle = 0; bundle < bundles; bundle++) {
        commitBundle(stream, session, cell, allocator);
      }
    }
  }

  private void commitBundle(
      LakeStream stream, ProducerSession session, VectorSchemaRoot cell, BufferAllocator allocator)
      throws IOException, InterruptedException {
    BundleSpec spec = BundleSpec.of(stream.state().schema(), slots, 1);
    try (BundleWriter writer =
        BundleWriter.create(stream.store(), session.newBundleKey(), spec, allocator)) {
      for (int step = 0; step < steps; step++) {
        for (int slot = 0; slot < slots; slot++) {
          writer.add(step, slot, cell, (long) slotRows * rowTokens);
        }
      }
      BundleResult result = writer.finish();
      CommitContent.Inline content =
          new CommitContent.Inline(
              List.of(result.descriptor()),
              List.of(
                  new StepGroup.BundleGroup(
                      0, result.steps().stream().map(BundleResult.BundleStep::asRecord).toList())));
      session.commit(Commit.of(content, ""));
    }
  }

  private void fill(VectorSchemaRoot cell) {
    FixedSizeListVector rows = (FixedSizeListVector) cell.getVector(COLUMN);
    IntVector tokens = (IntVector) rows.getDataVector();
    SplittableRandom random = new SplittableRandom(1);
    tokens.allocateNew(slotRows * rowTokens);
    for (int i = 0; i < slotRows * rowTokens; i++) {
      tokens.set(i, random.nextInt(100_000));
    }
    tokens.setValueCount(slotRows * rowTokens);
    for (int row = 0; row < slotRows; row++) {
      rows.setNotNull(row);
    }
    rows.setValueCount(slotRows);
    cell.setRowCount(slotRows);
  }
}
