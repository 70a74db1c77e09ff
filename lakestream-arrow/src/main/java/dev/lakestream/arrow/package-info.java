// SPDX-License-Identifier: Apache-2.0
/**
 * Bundles as Arrow files: the writer whose byte ranges are the shares of ranks, and the zero-copy
 * reader for trainers. The way of a row is {@code schema} ← {@code sequence} ← {@code bundle} ←
 * {@code reader} ← {@code export}, and imports go that way only.
 */
@NullMarked
package dev.lakestream.arrow;

import org.jspecify.annotations.NullMarked;
