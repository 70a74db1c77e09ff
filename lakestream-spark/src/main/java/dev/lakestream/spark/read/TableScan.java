// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.spark.options.ReadOptions;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.types.StructType;

/**
 * A scan of which Spark has not yet said whether it is a batch or the source of a streaming query:
 * the batch is planned, by a walk through the index, once it is one.
 */
final class TableScan implements Scan, SupportsReportStatistics {
  private final ReadOptions options;
  private final StructType wanted;
  private final Supplier<StreamScan> plan;
  private Optional<StreamScan> planned = Optional.empty();
  private boolean isOfQuery;

  TableScan(ReadOptions options, StructType wanted, Supplier<StreamScan> plan) {
    this.options = options;
    this.wanted = wanted;
    this.plan = plan;
  }

  private synchronized StreamScan batch() {
    if (planned.isEmpty()) {
      options.query().refuseInBatch();
      planned = Optional.of(plan.get());
    }
    return planned.get();
  }

  @Override
  public synchronized String description() {
    return planned.map(StreamScan::description).orElse("lakestream " + options.address());
  }

  @Override
  public StructType readSchema() {
    return batch().readSchema();
  }

  @Override
  public Batch toBatch() {
    return batch();
  }

  @Override
  public synchronized MicroBatchStream toMicroBatchStream(String checkpoint) {
    options.checkForQuery();
    isOfQuery = true;
    return new StepStream(options, wanted);
  }

  @Override
  public CustomMetric[] supportedCustomMetrics() {
    return ReadMetrics.all();
  }

  @Override
  public CustomTaskMetric[] reportDriverMetrics() {
    return planned.map(StreamScan::reportDriverMetrics).orElseGet(() -> new CustomTaskMetric[0]);
  }

  @Override
  public synchronized Statistics estimateStatistics() {
    return isOfQuery ? new Unknown() : batch().estimateStatistics();
  }

  private static final class Unknown implements Statistics {
    @Override
    public OptionalLong sizeInBytes() {
      return OptionalLong.empty();
    }

    @Override
    public OptionalLong numRows() {
      return OptionalLong.empty();
    }
  }
}
