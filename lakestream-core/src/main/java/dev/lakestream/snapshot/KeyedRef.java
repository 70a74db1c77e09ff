// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

/**
 * A part of the producers or of the idempotence keys: those from {@code first} to {@code last}.
 *
 * @param node whether the segment holds refs instead of producers or keys
 * @param count how many producers or keys it covers
 */
public record KeyedRef(
    SegmentLocation where, boolean node, String first, String last, long count) {}
