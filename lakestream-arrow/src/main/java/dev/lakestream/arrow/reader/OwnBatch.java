// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import org.apache.arrow.vector.VectorSchemaRoot;

/** A micro-batch with vectors of its own. */
record OwnBatch(int slot, VectorSchemaRoot root, long tokens) implements SlotBatch {
  @Override
  public boolean isReused() {
    return false;
  }
}
