// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.place;

import java.util.List;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;

/** Where a row is in the stream: columns that are there if they are asked for by name. */
public final class MetadataColumns {
  public static final String STEP = "_step";
  public static final String SLOT = "_slot";
  public static final String PRODUCER = "_producer";
  public static final String VERSION = "_version";
  public static final String COMMITTED = "_committed";

  private static final List<Column> ALL =
      List.of(
          new Column(STEP, DataTypes.LongType, "the step that the row belongs to"),
          new Column(SLOT, DataTypes.IntegerType, "the slot of the step"),
          new Column(PRODUCER, DataTypes.StringType, "who wrote the step"),
          new Column(VERSION, DataTypes.LongType, "the log entry that made the step visible"),
          new Column(COMMITTED, DataTypes.TimestampType, "when the step became visible"));

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

  /** Whether a column is one of these. */
  public static boolean isOne(String column) {
    return ALL.stream().anyMatch(each -> each.name().equals(column));
  }

  /** One of them as a field. */
  public static StructField field(String name) {
    Column column = ALL.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    return new StructField(name, column.dataType(), false, Metadata.empty());
  }
}
