// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

/** What becomes of the rows that don't fill a last step, when a job or a query ends. */
public enum Remainder {
  /** They make a short step. */
  KEEP,
  /** They are left out, and their number is said. */
  DROP,
  /** The step's rows are repeated in turn until it is full. */
  PAD,
  /** The job fails before anything is visible. */
  ERROR,
  /** They wait for the next epoch, also for that of another run of the query. Not for jobs. */
  CARRY
}
