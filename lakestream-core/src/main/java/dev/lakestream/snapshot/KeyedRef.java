// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

/** A part of the producers or of the idempotence keys: those from {@code first} to {@code last}. */
public record KeyedRef(SegmentLocation where, String first, String last) {}
