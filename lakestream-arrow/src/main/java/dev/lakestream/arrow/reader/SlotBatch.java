// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import org.apache.arrow.vector.VectorSchemaRoot;

/** The rows of one slot, a micro-batch, as a rank gets them; valid as long as the step is. */
public interface SlotBatch {
  /** Its number, as the step counts. */
  int slot();

  /**
   * Its rows. The root belongs to the reader, which closes it; transfer vectors out to keep them.
   */
  VectorSchemaRoot root();

  /** Of the whole slot, whatever part of its sequences the rank gets; 0 if not counted. */
  long tokens();

  /**
   * Whether this and its vectors serve the next step as well ({@link
   * ReaderOptions.Vectors#REUSED}), so that nothing of them can be kept.
   */
  boolean isReused();
}
