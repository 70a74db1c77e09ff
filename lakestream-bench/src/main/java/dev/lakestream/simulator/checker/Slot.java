// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

/**
 * A slot of a step as the log has it.
 *
 * @param slot of the bundle
 * @param step of the bundle
 * @param entryAt where in the bundle its directory speaks of it
 */
record Slot(String bundle, int slot, int step, int entryAt) {}
