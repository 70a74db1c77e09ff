// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.spark.metric.WriteMetrics;
import dev.lakestream.spark.options.RowOrder;
import dev.lakestream.spark.options.WriteOptions;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.connector.distributions.Distribution;
import org.apache.spark.sql.connector.distributions.Distributions;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.SortDirection;
import org.apache.spark.sql.connector.expressions.SortOrder;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.RequiresDistributionAndOrdering;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;

/** A write as Spark plans it: where rows must be, what it does with them, what it tells of it. */
final class StreamWrite implements RequiresDistributionAndOrdering {
  private final WriteOptions options;
  private final WriteTarget target;
  private final String query;
  private final EpochSink epochs;
  private final DriverMetrics metrics = new DriverMetrics();

  StreamWrite(WriteOptions options, WriteTarget target, String query, EpochSink epochs) {
    this.options = options;
    this.target = target;
    this.query = query;
    this.epochs = epochs;
  }

  @Override
  public String description() {
    return "lakestream " + options.address();
  }

  /**
   * Ranges of steps, since neighbours share bundles; all rows of a step are in one of them. Rows
   * that don't say their step stay where they are.
   */
  @Override
  public Distribution requiredDistribution() {
    return options.order() == RowOrder.EXPLICIT
        ? Distributions.ordered(new SortOrder[] {ascending(PlaceColumns.STEP)})
        : Distributions.unspecified();
  }

  @Override
  public SortOrder[] requiredOrdering() {
    if (options.order() != RowOrder.EXPLICIT) {
      return new SortOrder[0];
    }
    return target.places().hasSlot()
        ? new SortOrder[] {ascending(PlaceColumns.STEP), ascending(PlaceColumns.SLOT)}
        : new SortOrder[] {ascending(PlaceColumns.STEP)};
  }

  @Override
  public CustomMetric[] supportedCustomMetrics() {
    return WriteMetrics.all();
  }

  @Override
  public CustomTaskMetric[] reportDriverMetrics() {
    return metrics.values();
  }

  @Override
  public StreamingWrite toStreaming() {
    options.remainderOfQuery();
    return new EpochWrite(options, target, query, epochs);
  }

  @Override
  public BatchWrite toBatch() {
    options.remainderOfJob();
    return new StreamBatchWrite(
        options, target, query, SparkContext.getOrCreate().applicationId(), metrics);
  }

  private static SortOrder ascending(String column) {
    return Expressions.sort(Expressions.column(column), SortDirection.ASCENDING);
  }
}
