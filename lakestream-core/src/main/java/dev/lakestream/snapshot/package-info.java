// SPDX-License-Identifier: Apache-2.0
/**
 * The log folded up to a version ({@code docs/format.md} §8): roots and index segments, read and
 * written. An optimisation that correctness never needs.
 */
@NullMarked
package dev.lakestream.snapshot;

import org.jspecify.annotations.NullMarked;
