// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

/** Takes the columns of a cell once they are checked. */
interface ColumnSink {
  /**
   * In place of a buffer's number: there is none, as all values are there, or as there are none.
   */
  int NO_BUFFER = -1;

  /**
   * A column or a part of one, after its parts. Its buffers are prepared.
   *
   * @param node its number in the cell
   * @param count of its values
   * @param validity number of its buffer, or {@link #NO_BUFFER} if no value is null
   * @param offsets number of its buffer, or {@link #NO_BUFFER} if it has no values, or never has
   *     any
   * @param values number of its buffer, or {@link #NO_BUFFER} if it never has any
   */
  void accept(
      ColumnLayout layout, int node, int count, int nulls, int validity, int offsets, int values);
}
