// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

/**
 * A slot as a reader got it: consecutive rows of one producer's source.
 *
 * @param slot of the step
 */
record DeliveredSlot(int slot, int producer, long firstRow, int rows) {}
