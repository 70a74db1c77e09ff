// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import dev.lakestream.log.ProducerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/**
 * A streaming query with a folder of its own: each file that is put into it is an epoch, and the
 * rows go to a stream.
 */
final class Queries {
  private final SparkSession spark;
  private final Path folder;
  private final String root;
  private int files;
  private long nextId;

  Queries(SparkSession spark, Path folder, String root) {
    this.spark = spark;
    this.folder = folder;
    this.root = root;
  }

  Path checkpoint() {
    return folder.resolve("checkpoint");
  }

  String root() {
    return root;
  }

  /** Ids that are in files. */
  List<Long> ids() {
    return LongStream.range(0, nextId).boxed().toList();
  }

  /** A file with the next ids, one row each. */
  Queries put(int rows) throws IOException {
    Path input = Files.createDirectories(folder.resolve("input"));
    String text =
        LongStream.range(nextId, nextId + rows)
            .mapToObj(id -> "{\"id\":" + id + "}\n")
            .collect(Collectors.joining());
    // Spark takes files by the time of their last change.
    String name = String.format("%05d.json", files);
    Path whole = Files.writeString(folder.resolve(name), text);
    Files.setLastModifiedTime(
        whole, java.nio.file.attribute.FileTime.fromMillis(1_700_000_000_000L + files * 1000L));
    Files.move(whole, input.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    files++;
    nextId += rows;
    return this;
  }

  /** The rows of the files, each with tokens that are made of its id. */
  Dataset<Row> rows() throws IOException {
    Files.createDirectories(folder.resolve("input"));
    return spark
        .readStream()
        .schema("id long")
        .option("maxFilesPerTrigger", 1)
        .json(folder.resolve("input").toString())
        .repartition(2)
        .selectExpr("id", "transform(sequence(0, 7), i -> cast(id * 100 + i as int)) as tokens");
  }

  DataStreamWriter<Row> write(int globalBatchSize, int slots) throws IOException {
    return rows()
        .writeStream()
        .format("lakestream")
        .option("globalBatchSize", globalBatchSize)
        .option("slots", slots)
        .option("checkpointLocation", checkpoint().toString())
        .option("path", root)
        .trigger(Trigger.AvailableNow());
  }

  /** Runs until all files are written and everybody knows that the query has ended. */
  StreamingQuery run(DataStreamWriter<Row> writer) throws Exception {
    StreamingQuery query = writer.start();
    try {
      query.awaitTermination();
    } finally {
      spark.sparkContext().listenerBus().waitUntilEmpty();
    }
    return query;
  }

  ProducerState producer() throws IOException {
    return Sparks.stream(Path.of(root)).producers().get(0);
  }

  List<Long> visible() {
    return Sparks.longs(spark.read().format("lakestream").load(root).select("id").orderBy("id"));
  }
}
