// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;

/**
 * A process that runs a streaming query until all is written, or until it is killed. Arguments: a
 * folder with input and checkpoint, the stream to read or "" for the folder's files, the stream to
 * write, when to stand still, what becomes of the last rows, and options of the stores.
 */
final class QueryProcess {
  /** What it says when all is written. */
  static final String DONE = "all is written";

  private QueryProcess() {}

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    String source = arguments[1];
    String root = arguments[2];
    try (SparkSession spark = Sparks.session()) {
      Map<String, String> ofStore =
          arguments.length > 5 ? Map.of(arguments[5], arguments[6]) : Map.of();
      Queries query = new Queries(spark, folder, root);
      Dataset<Row> rows =
          source.isEmpty()
              ? query.rows()
              : spark
                  .readStream()
                  .format("lakestream")
                  .options(ofStore)
                  .option("maxStepsPerTrigger", 2)
                  .load(source)
                  .select("id", "tokens");
      rows.writeStream()
          .format("lakestream")
          .option("globalBatchSize", 4)
          .option("slots", 2)
          .option("remainder", arguments[4])
          .options(ofStore)
          .options(StoppingStores.options(root, arguments[3]))
          .option("checkpointLocation", query.checkpoint().toString())
          .trigger(Trigger.AvailableNow())
          .start("stopping:/behind")
          .awaitTermination();
    }
    System.out.println(DONE);
  }
}
