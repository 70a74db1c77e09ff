// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.spark.options.RowCounts;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * A DataFrame whose partitions have been counted, so that its rows can be written in order: each
 * task must know how many rows come before its own.
 *
 * <p>What is counted and what is written is the same RDD. So its partitions can't differ, sorting
 * and other shuffles run once, and only what follows the last of them is computed twice.
 *
 * @param rows those that were given
 */
public record CountedRows(Dataset<Row> rows, RowCounts counts) {
  /** Counts the rows, with a job of its own. */
  public static CountedRows of(Dataset<Row> rows) {
    var dataset = (org.apache.spark.sql.classic.Dataset<Row>) rows;
    RDD<InternalRow> rdd = dataset.queryExecution().toRdd();
    return new CountedRows(
        dataset.sparkSession().internalCreateDataFrame(rdd, rows.schema(), false), counts(rdd));
  }

  /** Counts the rows of each partition, with a job of its own. */
  static RowCounts counts(RDD<InternalRow> rdd) {
    FlatMapFunction<Iterator<InternalRow>, Long> count = CountedRows::count;
    List<Long> counts = rdd.toJavaRDD().mapPartitions(count).collect();
    // Of a DataFrame without partitions Spark writes one, which is empty.
    return counts.isEmpty()
        ? RowCounts.of(0)
        : RowCounts.of(counts.stream().mapToLong(Long::longValue).toArray());
  }

  private static Iterator<Long> count(Iterator<InternalRow> rows) {
    long count = 0;
    while (rows.hasNext()) {
      rows.next();
      count++;
    }
    return List.of(count).iterator();
  }
}
