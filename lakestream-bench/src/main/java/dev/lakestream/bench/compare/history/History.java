// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.history;

/** Commits of {@link #STEPS} steps each, in one file that does not exist. Not thread-safe. */
interface History {
  /** Steps of a commit. */
  int STEPS = 10;

  /** As in tables. */
  String name();

  /** Appends the next batch, with what upkeep is due after it. */
  void commit() throws Exception;

  /** Commits after which all upkeep has come in its turn. */
  int round();

  /** Opens it as if nobody had seen it before, and finds the file of a step. */
  void openAndFind(long step) throws Exception;

  /** Bytes read and written since the last call. */
  long takeBytes() throws Exception;
}
