// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.CreatableRelationProvider;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The data source {@code lakestream}, which Spark finds by its name.
 *
 * <p>Spark loads this class at the start of every session that has the jar, whether or not it uses
 * a stream, so it holds nothing that could fail to load: each method goes elsewhere at once.
 */
public final class LakestreamSource
    implements TableProvider, CreatableRelationProvider, DataSourceRegister {
  @Override
  public String shortName() {
    return "lakestream";
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return StreamTable.schemaOf(options);
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return new StreamTable(schema, partitioning, properties);
  }

  /** Yes, since before a write there may be no stream whose schema could be asked for. */
  @Override
  public boolean supportsExternalMetadata() {
    return true;
  }

  @Override
  public BaseRelation createRelation(
      SQLContext context,
      SaveMode mode,
      scala.collection.immutable.Map<String, String> options,
      Dataset<Row> rows) {
    return SaveModes.save(context, mode, options, rows);
  }

  /** Any: types that a stream can't hold are refused with the names of their columns. */
  @Override
  public boolean supportsDataType(DataType type) {
    return true;
  }
}
