// SPDX-License-Identifier: Apache-2.0

/**
 * The command line, {@code bin/lakestream}: it turns arguments into calls and results into text,
 * and decides nothing itself.
 */
@NullMarked
package dev.lakestream.cli;

import org.jspecify.annotations.NullMarked;
