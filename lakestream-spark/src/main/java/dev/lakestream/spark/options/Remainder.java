// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

/** What becomes of the rows of a job that don't fill a last step. */
public enum Remainder {
  /** They make a short step. */
  KEEP,
  /** They are left out, and their number is said. */
  DROP,
  /** The step's rows are repeated in turn until it is full. */
  PAD,
  /** The job fails before anything is visible. */
  ERROR
}
