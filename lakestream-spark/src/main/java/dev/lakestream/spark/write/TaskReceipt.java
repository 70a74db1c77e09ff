// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.util.List;
import org.apache.spark.sql.connector.write.WriterCommitMessage;

/**
 * What one attempt of a task has made durable. Nothing of it is visible until the driver commits.
 *
 * @param cells full slots that no whole step of the task has room for
 * @param rest the last rows, fewer than a slot has
 */
record TaskReceipt(List<WholeBundle> bundles, List<LeftOverCell> cells, IpcRows rest)
    implements WriterCommitMessage {
  private static final long serialVersionUID = 1L;

  TaskReceipt {
    bundles = List.copyOf(bundles);
    cells = List.copyOf(cells);
  }
}
