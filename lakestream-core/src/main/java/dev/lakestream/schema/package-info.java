// SPDX-License-Identifier: Apache-2.0
/**
 * Columns and their types as the log states them ({@code docs/format.md} §3.1), and the one rule by
 * which they evolve. Knows nothing of Arrow: {@code lakestream-arrow} translates.
 */
@NullMarked
package dev.lakestream.schema;

import org.jspecify.annotations.NullMarked;
