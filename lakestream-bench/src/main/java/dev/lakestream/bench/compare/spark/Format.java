// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.spark;

import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One way to write rows with Spark, and to read them. */
interface Format {
  /** As in tables. */
  String name();

  /** Writes all rows to a place where nothing is. */
  void write(Dataset<Row> rows, SampleRows shape, String place);

  /** The rows of a place; empty if nobody reads this format. */
  Optional<Dataset<Row>> read(String place);
}
