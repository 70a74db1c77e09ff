// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.store.ObjectKey;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;

/** A step that is too large to be held: its slots are written as they come, in their order. */
interface LargeStep extends AutoCloseable {
  /** Takes the next slot over. */
  void add(VectorSchemaRoot slot, CellStats stats) throws IOException;

  /** The step, which has all its slots; durable. */
  TaskSteps whole() throws IOException;

  /** The slots so far, where no more come; durable. */
  List<LeftOverCell> part() throws IOException;

  /** The objects that were begun. */
  List<ObjectKey> keys();

  /** What is durable. */
  UploadMeter uploaded();

  @Override
  void close() throws IOException;
}
