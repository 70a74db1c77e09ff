// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;

/** A bundle of given rows of tokens. Not thread-safe. */
public final class RowBundle implements AutoCloseable {
  private final int rowTokens;
  private final BufferAllocator allocator = new RootAllocator();
  private final VectorSchemaRoot cell;
  private final BundleWriter writer;

  /**
   * Begins a bundle of a stream with {@link TokenBundles#fields} of as many tokens.
   *
   * @param slots of a step
   */
  public RowBundle(LakeStream stream, ProducerSession session, int rowTokens, int slots)
      throws IOException {
    this.rowTokens = rowTokens;
    this.cell = VectorSchemaRoot.create(ArrowSchemas.toArrow(stream.state().schema()), allocator);
    this.writer =
        BundleWriter.create(
            stream.store(),
            session.newBundleKey(),
            BundleSpec.of(stream.state().schema(), slots, 1),
            allocator);
  }

  /** Adds a slot of whole rows, which it does not consume. */
  public void add(int step, int slot, IntBuffer tokens) throws IOException {
    FixedSizeListVector rows = (FixedSizeListVector) cell.getVector(0);
    IntVector values = (IntVector) rows.getDataVector();
    int count = tokens.remaining() / rowTokens;
    int used = count * rowTokens;
    rows.setInitialCapacity(count);
    values.setInitialCapacity(used);
    rows.allocateNew();
    for (int row = 0; row < count; row++) {
      rows.setNotNull(row);
    }
    values
        .getDataBuffer()
        .nioBuffer(0, used * Integer.BYTES)
        .order(ByteOrder.nativeOrder())
        .asIntBuffer()
        .put(tokens.slice(tokens.position(), used));
    for (int i = 0; i < used; i++) {
      values.setIndexDefined(i);
    }
    values.setValueCount(used);
    rows.setValueCount(count);
    cell.setRowCount(count);
    writer.add(step, slot, cell, used);
  }

  /** Makes the bundle durable; returns the commit that makes it visible. */
  public Commit finish() throws IOException {
    return TokenBundles.commit(writer.finish());
  }

  @Override
  public void close() throws IOException {
    writer.close();
    cell.close();
    allocator.close();
  }
}
