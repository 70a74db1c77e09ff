// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.export;

import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.error.InvalidRequestException;
import org.apache.arrow.c.ArrowArray;
import org.apache.arrow.c.ArrowSchema;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Hands micro-batches over without copying: to Python, where a JVM runs in its process, or to any
 * native library.
 *
 * <pre>{@code
 * BatchExport export = new BatchExport(allocator);
 * while (reader.next()) {
 *   for (SlotBatch batch : reader.batches()) {
 *     export.handOver(batch, arrayAddress, schemaAddress);
 *   }
 * }
 * }</pre>
 *
 * <p>What was handed over outlives the step, the reader, and {@link SlotBatch#root()}: the memory
 * of its range is let go when the other side has released the last batch that lies in it, so the
 * allocator must be closed after that. Thread-safe.
 */
public final class BatchExport {
  private final BufferAllocator allocator;

  /**
   * Exports what a reader delivers.
   *
   * @param allocator that of the reader, or one with the same root
   */
  public BatchExport(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /**
   * Fills two structures of the C data interface; the other side releases them. The batch stays the
   * reader's.
   *
   * @param array address of 80 bytes for a {@code struct ArrowArray}
   * @param schema address of 72 bytes for a {@code struct ArrowSchema}
   * @throws InvalidRequestException if the reader uses its vectors again for the next step
   */
  public void handOver(SlotBatch batch, long array, long schema) {
    if (batch.isReused()) {
      throw new InvalidRequestException(
          "vectors that serve the next step as well can't be handed over: read without"
              + " Vectors.REUSED");
    }
    Data.exportVectorSchemaRoot(
        allocator, batch.root(), null, ArrowArray.wrap(array), ArrowSchema.wrap(schema));
  }
}
