// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.spark.hadoop.SessionHadoop;
import dev.lakestream.spark.meta.LogScanBuilder;
import dev.lakestream.spark.meta.LogTables;
import dev.lakestream.spark.options.ReadOptions;
import dev.lakestream.spark.options.ReadSubject;
import dev.lakestream.spark.options.TableOptions;
import dev.lakestream.spark.place.MetadataColumns;
import dev.lakestream.spark.read.StreamScanBuilder;
import dev.lakestream.spark.write.EpochSink;
import dev.lakestream.spark.write.StreamWriteBuilder;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.connector.catalog.SupportsMetadataColumns;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** A stream as Spark's analyzer sees it. The stream is looked at when a scan of it is planned. */
final class StreamTable implements SupportsRead, SupportsWrite, SupportsMetadataColumns {
  private final String name;
  private final StructType schema;
  private final TableOptions options;
  private final Map<String, String> properties;
  private final boolean isOfCatalog;
  private final boolean isStreamable;
  private final EpochSink epochs = new EpochSink();

  /**
   * A table of Spark's own catalog, or none at all but options of a read or a write, which are
   * judged as they are.
   */
  StreamTable(StructType schema, Transform[] partitioning, Map<String, String> properties) {
    if (partitioning.length > 0) {
      throw new InvalidRequestException(
          "a stream has no partition columns: its steps are its partitions; leave out partitionBy");
    }
    this.name = "lakestream " + properties.get("path");
    this.schema = schema;
    this.isOfCatalog = isOfCatalog(properties);
    this.isStreamable = true;
    this.options = isOfCatalog ? TableOptions.ofProperties(properties) : TableOptions.of(Map.of());
    this.properties = Map.copyOf(properties);
  }

  private StreamTable(
      String name,
      StructType schema,
      TableOptions options,
      Map<String, String> properties,
      boolean isWritable) {
    this.name = name;
    this.schema = schema;
    this.options = options;
    this.properties = Map.copyOf(properties);
    this.isOfCatalog = isWritable;
    this.isStreamable = isWritable;
  }

  /**
   * A table of a catalog of ours.
   *
   * @param address where the stream is
   * @param defaults options of reads and writes for all tables of the catalog
   * @param asOf options of a time travel
   * @throws dev.lakestream.error.StreamNotFoundException if there is no stream
   */
  static StreamTable ofCatalog(
      String name,
      Map<String, String> address,
      Map<String, String> defaults,
      Map<String, String> asOf) {
    Map<String, String> options = new HashMap<>(address);
    options.putAll(asOf);
    StreamDescription stream = StreamDescription.of(ReadOptions.of(options));
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(defaults);
    all.putAll(stream.kept());
    all.remove(TableCatalog.PROP_COMMENT);
    all.putAll(options);
    return new StreamTable(
        name, stream.columns(), TableOptions.of(all), stream.properties(), asOf.isEmpty());
  }

  /** A table of what the log says of a stream. */
  static StreamTable ofLog(
      String name, Map<String, String> address, ReadSubject about, Map<String, String> asOf) {
    Map<String, String> options = new HashMap<>(address);
    options.putAll(asOf);
    options.put("table", about.name().toLowerCase(Locale.ROOT));
    StreamDescription.of(ReadOptions.of(options));
    return new StreamTable(
        name, LogTables.schemaOf(about), TableOptions.of(options), Map.of(), false);
  }

  static StructType schemaOf(CaseInsensitiveStringMap options) {
    Map<String, String> given = options.asCaseSensitiveMap();
    ReadOptions read =
        readOptions(
            isOfCatalog(given) ? TableOptions.ofProperties(given).forRead(Map.of()) : given);
    return read.about() == ReadSubject.ROWS
        ? StreamScanBuilder.schemaOf(read)
        : LogTables.schemaOf(read.about());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  @SuppressWarnings("deprecation") // what implements columns() otherwise
  public StructType schema() {
    return schema;
  }

  @Override
  public Map<String, String> properties() {
    return properties;
  }

  /** What has no catalog is written by jobs with their save mode, which {@link SaveModes} knows. */
  @Override
  public Set<TableCapability> capabilities() {
    EnumSet<TableCapability> all = EnumSet.of(TableCapability.BATCH_READ);
    if (isStreamable) {
      all.add(TableCapability.MICRO_BATCH_READ);
      all.add(TableCapability.STREAMING_WRITE);
    }
    if (isOfCatalog) {
      all.add(TableCapability.BATCH_WRITE);
      all.add(TableCapability.TRUNCATE);
    }
    return all;
  }

  @Override
  public MetadataColumn[] metadataColumns() {
    return MetadataColumns.all();
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap statement) {
    ReadOptions read = readOptions(options.forRead(statement.asCaseSensitiveMap()));
    return read.about() == ReadSubject.ROWS
        ? new StreamScanBuilder(read, schema)
        : new LogScanBuilder(read);
  }

  @Override
  public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
    return new StreamWriteBuilder(
        new WriteInfo(info, options.forWrite(info.options().asCaseSensitiveMap())), epochs);
  }

  /** Spark's own catalog names the provider of a table; no option of a user does. */
  private static boolean isOfCatalog(Map<String, String> properties) {
    return properties.containsKey(TableCatalog.PROP_PROVIDER);
  }

  private static ReadOptions readOptions(Map<String, String> options) {
    return ReadOptions.of(SessionHadoop.with(TimeTravel.resolved(options)));
  }

  /** What a statement wants, with the options of its table. */
  private record WriteInfo(LogicalWriteInfo statement, Map<String, String> all)
      implements LogicalWriteInfo {
    @Override
    public CaseInsensitiveStringMap options() {
      return new CaseInsensitiveStringMap(all);
    }

    @Override
    public String queryId() {
      return statement.queryId();
    }

    @Override
    public StructType schema() {
      return statement.schema();
    }
  }
}
