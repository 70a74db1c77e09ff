// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import java.util.Set;

/** What {@code requires} may name ({@code docs/format.md} §5.4). */
public final class Features {
  /** The stream is a fork of the one above it. */
  public static final String FORK = "fork";

  /** The entry commits cells that were committed before. */
  public static final String REPEAT = "repeat";

  /** The entry names bundles that are Parquet files. */
  public static final String PARQUET = "parquet";

  static final Set<String> KNOWN = Set.of(FORK, REPEAT, PARQUET);

  private Features() {}
}
