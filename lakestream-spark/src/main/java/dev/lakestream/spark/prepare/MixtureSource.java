// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import scala.collection.immutable.Map;

/**
 * The data source {@code lakestream_mixture}: a {@link Mixture} of tables and views, for SQL and
 * for languages that can't name its class. Like every source it is loaded in each session, so it
 * holds nothing that could fail to load.
 */
public final class MixtureSource implements RelationProvider, DataSourceRegister {
  @Override
  public String shortName() {
    return "lakestream_mixture";
  }

  @Override
  public BaseRelation createRelation(SQLContext context, Map<String, String> options) {
    return MixtureRelation.of(context, options);
  }
}
