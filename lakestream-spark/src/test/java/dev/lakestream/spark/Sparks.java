// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import dev.lakestream.log.StepRecord;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** One Spark for all tests, and short words for what they do with it. */
public final class Sparks {
  private Sparks() {}

  public static SparkSession session() {
    return SparkSession.builder()
        .master("local[2,3]")
        .appName("lakestream")
        .config("spark.ui.enabled", false)
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.artifact.isolation.enabled", false)
        // Off as long as Spark's functions for them are few.
        .config("spark.sql.timeType.enabled", true)
        .getOrCreate();
  }

  /** Rows (id, tokens) with ids from 0 on, the tokens of each made of its id. */
  static Dataset<Row> rows(long count, int partitions) {
    return session()
        .range(0, count, 1, partitions)
        .selectExpr("id", "transform(sequence(0, 7), i -> cast(id * 100 + i as int)) as tokens");
  }

  static DataFrameWriter<Row> write(Dataset<Row> rows, int globalBatchSize, int slots) {
    return rows.write()
        .format("lakestream")
        .option("globalBatchSize", globalBatchSize)
        .option("slots", slots)
        .mode("append");
  }

  static Dataset<Row> read(Path root) {
    return session().read().format("lakestream").load(root.toString());
  }

  static LakeStream stream(Path root) throws IOException {
    LakeStream stream = LakeStream.open(LocalObjectStore.at(root));
    stream.refresh();
    return stream;
  }

  /** What the log says of every step. */
  static List<StepRecord> steps(Path root) throws IOException {
    LakeStream stream = stream(root);
    List<StepRecord> steps = new ArrayList<>();
    for (long step = 0; step < stream.state().nextStep(); step++) {
      CommittedGroup group = stream.groupOf(step);
      steps.add(group.step(step));
    }
    return steps;
  }

  /** The files of all bundles, whether a step needs them or not. */
  public static List<Path> bundles(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve("data"))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  public static List<Long> longs(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(row -> row.getLong(0)).toList();
  }

  /** All rows by their id, in words that tell equal values from others, bytes too. */
  static List<String> texts(Dataset<Row> rows) {
    return rows.orderBy("id").collectAsList().stream().map(Sparks::text).toList();
  }

  static String text(Object value) {
    if (value instanceof byte[] bytes) {
      return java.util.Arrays.toString(bytes);
    } else if (value instanceof Row row) {
      return scala.jdk.javaapi.CollectionConverters.asJava(row.toSeq()).stream()
          .map(Sparks::text)
          .collect(java.util.stream.Collectors.joining("; ", "{", "}"));
    } else if (value instanceof scala.collection.Seq<?> list) {
      return scala.jdk.javaapi.CollectionConverters.asJava(list).stream()
          .map(Sparks::text)
          .collect(java.util.stream.Collectors.joining("; ", "[", "]"));
    } else if (value instanceof scala.collection.Map<?, ?> map) {
      return scala.jdk.javaapi.CollectionConverters.asJava(map).entrySet().stream()
          .map(entry -> text(entry.getKey()) + "=" + text(entry.getValue()))
          .sorted()
          .toList()
          .toString();
    }
    return String.valueOf(value);
  }

  /** How often each value appears. */
  static Map<Long, Long> counts(List<Long> values) {
    return values.stream()
        .collect(
            java.util.stream.Collectors.groupingBy(
                value -> value, java.util.TreeMap::new, java.util.stream.Collectors.counting()));
  }
}
