// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.place;

/** How many of the rows of a box meet a condition, as far as one can tell. */
public enum Extent {
  /** None of them, for certain. */
  NONE,
  /** Perhaps some; of a single cell whose commit is known this is never said. */
  SOME,
  /** All of them, for certain. */
  ALL
}
