// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.spark.hadoop.SessionHadoop;
import dev.lakestream.spark.options.ReadOptions;
import dev.lakestream.spark.read.MetadataColumns;
import dev.lakestream.spark.read.StreamScanBuilder;
import dev.lakestream.spark.write.EpochSink;
import dev.lakestream.spark.write.StreamWriteBuilder;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.connector.catalog.SupportsMetadataColumns;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** A stream as Spark's analyzer sees it. The stream is looked at when a scan of it is planned. */
final class StreamTable implements SupportsRead, SupportsWrite, SupportsMetadataColumns {
  private final StructType schema;
  private final Map<String, String> properties;
  private final EpochSink epochs = new EpochSink();

  StreamTable(StructType schema, Transform[] partitioning, Map<String, String> properties) {
    if (partitioning.length > 0) {
      throw new InvalidRequestException(
          "a stream has no partition columns: its steps are its partitions; leave out partitionBy");
    }
    this.schema = schema;
    this.properties = Map.copyOf(properties);
  }

  static StructType schemaOf(CaseInsensitiveStringMap options) {
    return StreamScanBuilder.schemaOf(
        ReadOptions.of(SessionHadoop.with(options.asCaseSensitiveMap())));
  }

  @Override
  public String name() {
    return "lakestream " + properties.get("path");
  }

  @Override
  @SuppressWarnings("deprecation") // what implements columns() otherwise
  public StructType schema() {
    return schema;
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(
        TableCapability.BATCH_READ,
        TableCapability.STREAMING_WRITE,
        TableCapability.ACCEPT_ANY_SCHEMA);
  }

  @Override
  public MetadataColumn[] metadataColumns() {
    return MetadataColumns.all();
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    return new StreamScanBuilder(
        ReadOptions.of(SessionHadoop.with(options.asCaseSensitiveMap())), schema);
  }

  /** For streaming queries; jobs come with a save mode, which {@link SaveModes} knows. */
  @Override
  public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
    return new StreamWriteBuilder(info, epochs);
  }
}
