// SPDX-License-Identifier: Apache-2.0
/**
 * Bundles: cells as record batches, runs behind their directories, and the Arrow file around them
 * ({@code docs/format.md} §4). A bundle knows its descriptor and nothing else of a commit: not the
 * log, not streams, not who reads it.
 */
@NullMarked
package dev.lakestream.arrow.bundle;

import org.jspecify.annotations.NullMarked;
