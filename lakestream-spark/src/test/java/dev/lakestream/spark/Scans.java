// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import org.apache.spark.sql.execution.adaptive.QueryStageExec;
import org.apache.spark.sql.execution.datasources.v2.BatchScanExec;
import scala.jdk.javaapi.CollectionConverters;

/** What a query has read, as Spark's UI would show it. */
final class Scans {
  private final List<BatchScanExec> scans = new ArrayList<>();

  private Scans(SparkPlan plan) {
    collect(plan);
  }

  /** Runs the query. */
  static Scans of(Dataset<Row> query) {
    query.collectAsList();
    return new Scans(query.queryExecution().executedPlan());
  }

  /** How many tables were read by tasks. */
  int count() {
    return scans.size();
  }

  /** A metric, over all tables; 0 if no task read any. */
  long metric(String name) {
    return scans.stream().mapToLong(scan -> scan.metrics().apply(name).value()).sum();
  }

  long requests() {
    return metric("lakestreamRequests");
  }

  /** Where each task should run. */
  List<List<String>> hosts() {
    return scans.stream()
        .flatMap(scan -> Arrays.stream(scan.batch().planInputPartitions()))
        .map(partition -> List.of(partition.preferredLocations()))
        .toList();
  }

  boolean areColumnar() {
    return scans.stream().allMatch(BatchScanExec::supportsColumnar);
  }

  private void collect(SparkPlan plan) {
    if (plan instanceof BatchScanExec scan) {
      scans.add(scan);
    } else if (plan instanceof AdaptiveSparkPlanExec adaptive) {
      collect(adaptive.executedPlan());
    } else if (plan instanceof QueryStageExec stage) {
      collect(stage.plan());
    }
    CollectionConverters.asJava(plan.children()).forEach(this::collect);
  }
}
