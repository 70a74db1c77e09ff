// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.IOException;

/** A history of commits whose costs are measured. All operations go to one metered store. */
public interface HistorySubject {
  /** What the history is kept in. */
  MeteredStore store();

  /** Makes the next commit of this many steps visible. */
  void commit() throws IOException, InterruptedException;

  /** What somebody does after a number of commits, beside them; nobody waits for it. */
  void tidy() throws IOException;

  /** Opens the history as if nobody had seen it before. */
  Opened open() throws IOException;

  /** A history that was opened. */
  interface Opened {
    /** Finds what a step consists of. */
    void find(long step) throws IOException;
  }
}
