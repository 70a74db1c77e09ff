// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.meta;

import org.apache.spark.sql.connector.read.InputPartition;

/**
 * What one task reads of the log. A commit, and what it has, is in the range that has its first
 * step, a step in its own.
 *
 * @param end the step after the last one
 * @param isFirst whether no range is before this one, so that commits which began earlier are in it
 */
record LogRange(long first, long end, boolean isFirst) implements InputPartition {
  private static final long serialVersionUID = 1L;
}
