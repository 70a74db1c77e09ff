// SPDX-License-Identifier: Apache-2.0
/**
 * {@code lakestream demo}: text becomes tokens in Spark, tokens become steps, ranks in several
 * processes and two languages read them while the writer is still appending, half of them are
 * killed and go on, and in the end it is proved that every row was delivered exactly once.
 *
 * <p>The proof trusts nothing of the path that it judges: what every row should be is digested in
 * Spark before it is written, and what each rank got is digested in that rank.
 *
 * <p>{@code lakestream demo-stream} only writes, for readers of one's own.
 */
@NullMarked
package dev.lakestream.cli.demo;

import org.jspecify.annotations.NullMarked;
