// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

/** What a read is about: the rows of a stream, or what its log says, as a table of its own. */
public enum ReadSubject {
  /** What was written. */
  ROWS,
  /** One row for each step. */
  STEPS,
  /** One row for each log entry that made steps visible. */
  COMMITS,
  /** One row for each producer that there ever was. */
  PRODUCERS,
  /** One row for each object that a commit takes cells from. */
  BUNDLES,
  /** One row for each checkpoint that keeps steps. */
  PINS
}
