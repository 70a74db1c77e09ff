// SPDX-License-Identifier: Apache-2.0
/**
 * Spark's rows as Arrow's cells and back: the translation of schemas, the converters of rows, and
 * the column vectors over a decoded cell. Knows types and memory; knows nothing of streams.
 */
@NullMarked
package dev.lakestream.spark.vector;

import org.jspecify.annotations.NullMarked;
