// SPDX-License-Identifier: Apache-2.0
/**
 * What {@code CALL lake.system.…} does: the operations of an operator, each a call of the core with
 * arguments from SQL and its outcome as rows. Reads and writes no rows of streams.
 */
@NullMarked
package dev.lakestream.spark.procedure;

import org.jspecify.annotations.NullMarked;
