// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import dev.lakestream.spark.write.EpochSink;
import dev.lakestream.spark.write.StreamWriteBuilder;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Where {@link SaveModes} sends rows; Spark finds it by the name of the class. Not for users. */
public final class StreamSink implements TableProvider {
  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    throw new UnsupportedOperationException("a sink has the schema of what is written");
  }

  @Override
  public boolean supportsExternalMetadata() {
    return true;
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return new SinkTable(schema, String.valueOf(properties.get("path")));
  }

  /** Takes any rows: they are compared with the stream with better words than Spark's. */
  private record SinkTable(StructType rows, String path) implements SupportsWrite {
    @Override
    public String name() {
      return "lakestream " + path;
    }

    @Override
    @SuppressWarnings(
        "deprecation") // its successor says less: columns without nullability of parts
    public StructType schema() {
      return rows;
    }

    @Override
    public Set<TableCapability> capabilities() {
      return Set.of(
          TableCapability.BATCH_WRITE, TableCapability.TRUNCATE, TableCapability.ACCEPT_ANY_SCHEMA);
    }

    @Override
    public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
      return new StreamWriteBuilder(info, new EpochSink());
    }
  }
}
