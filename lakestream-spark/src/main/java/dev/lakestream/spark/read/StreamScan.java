// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.spark.options.StreamAddress;
import java.util.List;
import java.util.OptionalLong;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.types.StructType;

/**
 * A planned read: what it reads does not change any more.
 *
 * @param pushed what Spark leaves to us, in words
 * @param limit how many rows of a partition are enough
 */
record StreamScan(
    StreamAddress address,
    StructType readSchema,
    List<ShippedSchema> schemas,
    PlannedCells cells,
    String pushed,
    long limit)
    implements Scan, Batch, SupportsReportStatistics {

  @Override
  public String description() {
    return "lakestream " + address + " " + String.join(", ", readSchema.fieldNames()) + pushed;
  }

  @Override
  public Batch toBatch() {
    return this;
  }

  @Override
  public InputPartition[] planInputPartitions() {
    return cells.partitions().toArray(InputPartition[]::new);
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new BatchReaderFactory(address, readSchema, schemas, limit);
  }

  @Override
  public CustomMetric[] supportedCustomMetrics() {
    return ReadMetrics.all();
  }

  @Override
  public CustomTaskMetric[] reportDriverMetrics() {
    return ReadMetrics.ofPlan(cells.steps());
  }

  @Override
  public Statistics estimateStatistics() {
    return new Statistics() {
      @Override
      public OptionalLong sizeInBytes() {
        return OptionalLong.of(cells.bytes());
      }

      @Override
      public OptionalLong numRows() {
        return OptionalLong.of(cells.rows());
      }
    };
  }
}
