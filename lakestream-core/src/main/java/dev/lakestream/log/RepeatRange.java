// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

/**
 * The steps [from, to) whose cells an entry commits once more ({@code docs/format.md} §14). It
 * counts only while all of them are readable: that keeps it from naming what is deleted.
 */
public record RepeatRange(long from, long to) {}
