// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import java.util.Arrays;
import java.util.Optional;

/** How the cells of a bundle are encoded. */
public enum BundleFormat {
  /** A plain Arrow IPC file, {@code docs/format.md} §4. */
  ARROW,
  /** A plain Parquet file, {@code docs/format.md} §4.4. */
  PARQUET;

  /** The format of a name in the log; empty for one that is unknown here. */
  public static Optional<BundleFormat> of(String label) {
    return Arrays.stream(values()).filter(format -> format.label().equals(label)).findFirst();
  }

  /** The name in the log, and what the keys of such bundles end with. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
