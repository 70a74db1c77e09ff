// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.schema;

import java.io.Serializable;

/** A column or a part of one. */
public record Field(String name, ColumnType type, boolean nullable) implements Serializable {
  public static Field required(String name, ColumnType type) {
    return new Field(name, type, false);
  }

  public static Field nullable(String name, ColumnType type) {
    return new Field(name, type, true);
  }
}
