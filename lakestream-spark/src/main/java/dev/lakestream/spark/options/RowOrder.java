// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

/** Which rows of a job become which step. */
public enum RowOrder {
  /** Each task forms steps of its own rows; what tasks have left over comes last. */
  UNORDERED,
  /** The DataFrame's order is the order of rows over all steps. */
  ORDERED,
  /** A column says which step each row belongs to. */
  EXPLICIT
}
