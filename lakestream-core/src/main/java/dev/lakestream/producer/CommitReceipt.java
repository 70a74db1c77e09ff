// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

/**
 * The proof of a commit.
 *
 * @param version of its entry
 * @param firstStep the first of its steps
 * @param steps how many they are
 */
public record CommitReceipt(long version, long firstStep, long steps) {}
