// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.store.ObjectStore;
import java.io.Serializable;

/**
 * Cells to read and where they are in the stream.
 *
 * @param firstStep the stream's number of the first step of the range
 * @param firstSlot the step's number of the first slot of the range
 * @param schema id of the schema of the cells
 * @param version of the entry that made the steps visible
 * @param committed time of that entry, milliseconds since 1970
 * @param producer of that entry
 * @param ancestor in whose store the cells are: 0 for the stream's own, 1 for that of the stream it
 *     is a fork of, and so on
 */
record ReadItem(
    SlotRange range,
    long firstStep,
    int firstSlot,
    int schema,
    long version,
    long committed,
    String producer,
    int ancestor)
    implements Serializable {

  /**
   * The store that has the cells: a fork reads those of its ancestors from their stores.
   *
   * @param store of the stream that is read
   */
  ObjectStore home(ObjectStore store) {
    ObjectStore home = store;
    for (int level = 0; level < ancestor; level++) {
      home = home.parent().orElseThrow();
    }
    return home;
  }
}
