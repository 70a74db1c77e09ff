// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.log.BundleDescriptor;

/**
 * Cells of consecutive slots of one step that lie in one bundle.
 *
 * @param bundleSlot the first of them as the bundle counts
 * @param slot the first of them as the step counts
 * @param count how many slots
 * @param bundleStep which of the bundle's steps
 */
public record CellSource(
    BundleDescriptor bundle, int bundleSlot, int slot, int count, int bundleStep) {
  /** Those of the cells whose slot of the step is in [first, stop); perhaps none. */
  public CellSource among(int first, int stop) {
    int low = Math.min(Math.max(first, slot), slot + count);
    int high = Math.max(low, Math.min(stop, slot + count));
    return new CellSource(bundle, bundleSlot + low - slot, low, high - low, bundleStep);
  }
}
