// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

/** How the cells of a bundle are encoded. */
public enum BundleFormat {
  /** A plain Arrow IPC file, {@code docs/format.md} §4. */
  ARROW;

  /** The name in the log. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
