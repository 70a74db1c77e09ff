// SPDX-License-Identifier: Apache-2.0

/**
 * A world in virtual time: processes that move one at a time, a store behind an unreliable network,
 * wrong clocks, crashes and sleep, all drawn from one seed. Promises that the same seed makes the
 * same history. Knows the interfaces of the store and of the environment, and nothing of streams.
 */
@NullMarked
package dev.lakestream.simulator.world;

import org.jspecify.annotations.NullMarked;
