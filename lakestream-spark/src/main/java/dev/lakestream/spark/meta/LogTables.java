// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.meta;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.spark.options.ReadSubject;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;

/** The columns of the tables, in the order in which their rows have them. */
public final class LogTables {
  private static final DataType LONG = DataTypes.LongType;
  private static final DataType INT = DataTypes.IntegerType;
  private static final DataType TEXT = DataTypes.StringType;
  private static final DataType TIME = DataTypes.TimestampType;

  private LogTables() {}

  /** Those of one table. */
  public static StructType schemaOf(ReadSubject about) {
    return switch (about) {
      case STEPS ->
          new StructType()
              .add("step", LONG, false)
              .add("rows", LONG, false)
              .add("tokens", LONG, false)
              .add("loss_tokens", LONG, true)
              .add("slots", INT, false)
              .add("pieces", INT, false)
              .add("schema", INT, false)
              .add("version", LONG, false)
              .add("committed", TIME, false)
              .add("producer", TEXT, false)
              .add("first_row", LONG, false)
              .add("first_token", LONG, false)
              .add("sources", new MapType(TEXT, LONG, false), false)
              .add("tags", new ArrayType(TEXT, false), false)
              .add("attributes", new MapType(TEXT, TEXT, false), false)
              .add("digest", TEXT, false);
      case COMMITS ->
          new StructType()
              .add("version", LONG, false)
              .add("committed", TIME, false)
              .add("producer", TEXT, false)
              .add("epoch", LONG, false)
              .add("sequence", LONG, false)
              .add("first_step", LONG, false)
              .add("steps", LONG, false)
              .add("rows", LONG, false)
              .add("tokens", LONG, false)
              .add("first_row", LONG, false)
              .add("first_token", LONG, false)
              .add("repeats_from", LONG, true)
              .add("repeats_to", LONG, true)
              .add("digest", TEXT, false);
      case BUNDLES ->
          new StructType()
              .add("version", LONG, false)
              .add("first_step", LONG, false)
              .add("producer", TEXT, false)
              .add("key", TEXT, false)
              .add("bytes", LONG, false)
              .add("format", TEXT, false)
              .add("schema", INT, false)
              .add("steps", INT, false)
              .add("slots", INT, false)
              .add("pieces", INT, false);
      case PRODUCERS ->
          new StructType()
              .add("producer", TEXT, false)
              .add("epoch", LONG, false)
              .add("sequence", LONG, false)
              .add("version", LONG, false)
              .add("committed", TIME, false)
              .add("retired", DataTypes.BooleanType, false)
              .add("attachments", new ArrayType(TEXT, false), false)
              .add("state", TEXT, false);
      case PINS ->
          new StructType()
              .add("job", TEXT, true)
              .add("checkpoint", TEXT, true)
              .add("from_step", LONG, true)
              .add("to_step", LONG, true)
              .add("created", TIME, true)
              .add("key", TEXT, false)
              .add("problem", TEXT, true);
      case ROWS -> throw new InvalidRequestException("the rows of a stream have its own columns");
    };
  }
}
