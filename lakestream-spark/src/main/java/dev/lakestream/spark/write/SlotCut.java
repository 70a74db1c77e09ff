// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.io.IOException;
import org.apache.spark.sql.catalyst.InternalRow;

/** Cuts the rows of a task into slots, as the order of the job wants it. */
interface SlotCut {
  /** A row comes; what was before may end. */
  default void before(InternalRow row) throws IOException {}

  /** The row was taken. */
  void after() throws IOException;

  /** There are no more rows. Everything is durable afterwards. */
  TaskReceipt finish() throws IOException;

  /** The cut that a job wants. */
  static SlotCut of(WritePlan plan, int partition, TaskCells cells) {
    return switch (plan.order()) {
      case UNORDERED -> new UnorderedCut(plan, cells);
      case ORDERED -> new OrderedCut(plan, partition, cells);
      case EXPLICIT -> new ExplicitCut(plan, cells);
    };
  }
}
