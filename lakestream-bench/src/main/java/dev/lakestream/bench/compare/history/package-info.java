// SPDX-License-Identifier: Apache-2.0

/**
 * A growing history: what a commit and an opening cost with many commits behind them, of a stream
 * and of table formats that append the same batches.
 *
 * <p>No data is written, only the descriptions of files, and no engine takes part: tables are used
 * by the libraries that their authors made for it. The measurement knows of a {@code History} only.
 */
@NullMarked
package dev.lakestream.bench.compare.history;

import org.jspecify.annotations.NullMarked;
