// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

import java.time.Instant;

/** The moment of a stream's history that a read is about. */
public sealed interface AsOf {
  /** The tail of the log. */
  record Now() implements AsOf {}

  /** When the log had got as far as this version. */
  record Version(long version) implements AsOf {}

  /** When it was this late: what had been committed at or before it. */
  record Time(Instant time) implements AsOf {}
}
