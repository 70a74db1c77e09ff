// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

/** A trim intent that is neither trimmed nor cancelled. */
public record OpenIntent(long version, long to) {}
