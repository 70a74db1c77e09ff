// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** Where a row is in the stream: columns that are there if they are asked for by name. */
public final class MetadataColumns {
  static final String STEP = "_step";
  static final String SLOT = "_slot";
  static final String PRODUCER = "_producer";
  static final String VERSION = "_version";

  private static final List<Column> ALL =
      List.of(
          new Column(STEP, DataTypes.LongType, "the step that the row belongs to"),
          new Column(SLOT, DataTypes.IntegerType, "the slot of the step"),
          new Column(PRODUCER, DataTypes.StringType, "who wrote the step"),
          new Column(VERSION, DataTypes.LongType, "the log entry that made the step visible"));

  private record Column(String name, DataType dataType, String comment) implements MetadataColumn {
    @Override
    public boolean isNullable() {
      return false;
    }
  }

  private MetadataColumns() {}

  /** All of them. */
  public static MetadataColumn[] all() {
    return ALL.toArray(MetadataColumn[]::new);
  }

  static boolean isOne(String column) {
    return Arrays.stream(all()).anyMatch(each -> each.name().equals(column));
  }
}
