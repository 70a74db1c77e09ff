// SPDX-License-Identifier: Apache-2.0
/**
 * The entries of the log, the fold over them and the one predicate {@code valid(state, entry)}
 * ({@code docs/format.md} §3, §5, §6). Pure: no I/O, no clocks, no Arrow.
 */
@NullMarked
package dev.lakestream.log;

import org.jspecify.annotations.NullMarked;
