// SPDX-License-Identifier: Apache-2.0
/**
 * The cut of sequences for context parallelism ({@code docs/format.md} §9.2 to §9.4), one mechanism
 * for writing pieces and for reading them on any topology. Knows vectors, but neither bundles nor
 * stores.
 */
@NullMarked
package dev.lakestream.arrow.sequence;

import org.jspecify.annotations.NullMarked;
