// SPDX-License-Identifier: Apache-2.0
/**
 * Cells that are Parquet files ({@code docs/format.md} §4.4): vectors as the bytes of one, and
 * back. What is read is not trusted: nothing is allocated by what it claims beyond a bound, and
 * nothing is read outside of it.
 *
 * <p>May import schemas, Arrow vectors and Parquet's own metadata classes. Must never know bundles,
 * stores or streams.
 */
@NullMarked
package dev.lakestream.arrow.parquet;

import org.jspecify.annotations.NullMarked;
