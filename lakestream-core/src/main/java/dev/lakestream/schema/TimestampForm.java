// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.schema;

import java.io.Serializable;
import java.util.Optional;

/** How a timestamp type travels between processes; an empty time zone stands for none. */
record TimestampForm(ColumnType.Unit unit, String timezone) implements Serializable {
  private Object readResolve() {
    return new ColumnType.Timestamp(
        unit, timezone.isEmpty() ? Optional.empty() : Optional.of(timezone));
  }
}
