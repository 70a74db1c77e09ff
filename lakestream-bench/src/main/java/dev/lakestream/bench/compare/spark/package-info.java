// SPDX-License-Identifier: Apache-2.0

/**
 * Writing and reading by Spark: a stream beside Parquet, Iceberg, Delta and plain Arrow IPC files,
 * in one session, on the same rows.
 *
 * <p>A {@code Format} is one way to write and read rows. The measurements know nothing of the
 * formats but that; the rows know of neither.
 */
@NullMarked
package dev.lakestream.bench.compare.spark;

import org.jspecify.annotations.NullMarked;
