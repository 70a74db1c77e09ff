// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import java.io.Serializable;

/**
 * The cells of consecutive slots of one step of one bundle, with all their pieces.
 *
 * @param bundle index into the bundles of the commit
 * @param slot the first slot, as the bundle counts
 * @param count how many slots
 * @param step which of the bundle's steps
 */
public record CellRange(int bundle, int slot, int count, int step) implements Serializable {}
