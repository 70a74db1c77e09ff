// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.CellWindow;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * The rows of one slot, a micro-batch, as a rank gets them.
 *
 * @param slot as the step counts
 * @param root belongs to the reader, which closes it; transfer vectors out of it to keep them
 * @param tokens of the whole slot, whatever part of its sequences the rank gets; 0 if not counted
 */
public record SlotBatch(int slot, VectorSchemaRoot root, long tokens) {
  /** Whether the vectors serve the next step as well ({@link ReaderOptions.Vectors#REUSED}). */
  public boolean isReused() {
    return CellWindow.isWindow(root);
  }
}
