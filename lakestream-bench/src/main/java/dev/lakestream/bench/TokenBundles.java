// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;

/**
 * Uploads bundles of token sequences, all cells with the same values. The values don't matter to
 * what is measured, but they are not constant. Not thread-safe.
 */
public final class TokenBundles implements AutoCloseable {
  private static final String COLUMN = "tokens";

  private final LakeStream stream;
  private final int slots;
  private final long cellTokens;
  private final BufferAllocator allocator = new RootAllocator();
  private final VectorSchemaRoot cell;

  /**
   * Cells for a stream with {@link #fields} of as many tokens.
   *
   * @param slots of a step
   */
  public TokenBundles(LakeStream stream, int rowTokens, int slotRows, int slots) {
    this.stream = stream;
    this.slots = slots;
    this.cellTokens = (long) slotRows * rowTokens;
    this.cell = VectorSchemaRoot.create(ArrowSchemas.toArrow(stream.state().schema()), allocator);
    fill(rowTokens, slotRows);
  }

  /** Columns of such a stream. */
  public static List<Field> fields(int rowTokens) {
    return List.of(
        Field.required(
            COLUMN,
            new ColumnType.FixedSizeList(
                Field.required("item", ColumnType.Simple.INT32), rowTokens)));
  }

  /** Uploads a bundle of so many steps; returns the commit that makes them visible. */
  public Commit upload(ProducerSession session, int steps) throws IOException {
    return upload(session, steps, BundleFormat.ARROW);
  }

  /** As {@link #upload(ProducerSession, int)}, as a file of this format. */
  Commit upload(ProducerSession session, int steps, BundleFormat format) throws IOException {
    BundleSpec spec = BundleSpec.of(stream.state().schema(), slots, 1).as(format);
    try (BundleWriter writer =
        BundleWriter.create(stream.store(), session.newBundleKey(format), spec, allocator)) {
      for (int step = 0; step < steps; step++) {
        for (int slot = 0; slot < slots; slot++) {
          writer.add(step, slot, cell, cellTokens);
        }
      }
      return commit(writer.finish());
    }
  }

  /** The commit that makes an uploaded bundle visible. */
  static Commit commit(BundleResult result) {
    CommitContent.Inline content =
        new CommitContent.Inline(
            List.of(result.descriptor()),
            List.of(
                new StepGroup.BundleGroup(
                    0, result.steps().stream().map(BundleResult.BundleStep::asRecord).toList())));
    return Commit.of(content, "");
  }

  private void fill(int rowTokens, int slotRows) {
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

  @Override
  public void close() {
    cell.close();
    allocator.close();
  }
}
