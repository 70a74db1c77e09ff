// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.spark.metric.WriteMetrics;
import dev.lakestream.spark.options.RowCounts;
import dev.lakestream.spark.options.RowOrder;
import dev.lakestream.spark.options.WriteOptions;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
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
  private Optional<RowCounts> rowCounts;

  StreamWrite(WriteOptions options, WriteTarget target, String query, EpochSink epochs) {
    this.options = options;
    this.target = target;
    this.query = query;
    this.epochs = epochs;
    this.rowCounts = options.rowCounts();
  }

  /** Whether its rows have to be counted before a task begins. */
  boolean needsRowCounts() {
    return options.order() == RowOrder.ORDERED && rowCounts.isEmpty();
  }

  /** Counts the rows that are to be written, unless the log says that they are. */
  void count(RDD<InternalRow> rows) {
    rowCounts =
        Optional.of(
            WriteChecks.isDone(options)
                ? RowCounts.of(new long[Math.max(1, rows.getNumPartitions())])
                : CountedRows.counts(rows));
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
        options,
        target,
        query,
        SparkContext.getOrCreate().applicationId(),
        metrics,
        () -> rowCounts);
  }

  private static SortOrder ascending(String column) {
    return Expressions.sort(Expressions.column(column), SortDirection.ASCENDING);
  }
}
