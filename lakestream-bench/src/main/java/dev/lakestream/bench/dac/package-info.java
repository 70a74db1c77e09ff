// SPDX-License-Identifier: Apache-2.0
/**
 * Many producers on one log in virtual time: what a commit policy makes of a store's latencies.
 * Runs the policies of {@code dev.lakestream.commit} themselves; knows no store and no Arrow.
 */
@NullMarked
package dev.lakestream.bench.dac;

import org.jspecify.annotations.NullMarked;
