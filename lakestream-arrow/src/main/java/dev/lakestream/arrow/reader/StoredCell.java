// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.CellSource;

/**
 * Where one cell of a step lies, and what the directory of its run says of it.
 *
 * @param slot as the step counts
 * @param bundleSlot as the bundle counts
 * @param bundleStep which of the bundle's steps
 * @param offset of its first byte in the bundle
 * @param length in bytes
 * @param crc32c of its bytes
 */
public record StoredCell(
    int slot,
    int piece,
    ObjectKey bundle,
    int bundleSlot,
    int bundleStep,
    long offset,
    long length,
    long rows,
    long tokens,
    int crc32c) {
  static StoredCell of(
      CellSource source, int slot, int piece, int bundleStep, long run, RunDirectory directory) {
    return new StoredCell(
        source.slot() + slot,
        piece,
        source.bundle().key(),
        source.bundleSlot() + slot,
        bundleStep,
        run + directory.start(bundleStep),
        directory.cellLength(bundleStep),
        directory.rows(bundleStep),
        directory.tokens(bundleStep),
        directory.crc32c(bundleStep));
  }
}
