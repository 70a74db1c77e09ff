// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;

/**
 * Writes the ids from 0 to {@value #ROWS} in one job, one of whose tasks meets trouble.
 *
 * @param marks what the {@link Trouble} needs
 * @param root of the stream
 * @param options of the job beside those that all jobs have
 */
record WriteJob(Trouble trouble, Path marks, String root, Map<String, String> options) {
  static final long ROWS = 2_000;
  private static final int PARTITIONS = 4;
  private static final int TROUBLED_PARTITION = 1;

  /** Some steps of the task are durable by then: it never waits for more than two uploads. */
  private static final long CALM_ROWS = ROWS / PARTITIONS * 4 / 5;

  private static final String SEPARATOR = "\t";

  /** The same with another option. */
  WriteJob with(String name, String value) {
    Map<String, String> all = new TreeMap<>(options);
    all.put(name, value);
    return new WriteJob(trouble, marks, root, all);
  }

  /** One line of text. */
  String line() {
    List<String> words = new ArrayList<>(List.of(trouble.name(), marks.toString(), root));
    options.forEach((name, value) -> words.addAll(List.of(name, value)));
    return String.join(SEPARATOR, words);
  }

  /** The job of a line. */
  static WriteJob of(String line) {
    List<String> words = List.of(line.split(SEPARATOR, -1));
    Map<String, String> options = new TreeMap<>();
    for (int word = 3; word < words.size(); word += 2) {
      options.put(words.get(word), words.get(word + 1));
    }
    return new WriteJob(
        Trouble.valueOf(words.get(0)), Path.of(words.get(1)), words.get(2), options);
  }

  void run(SparkSession session) {
    // A path is nothing that Spark sends to executors.
    String folder = marks.toString();
    Trouble met = trouble;
    MapPartitionsFunction<Long, Long> meeting = ids -> new Troubled(ids, met, Path.of(folder));
    session
        .range(0, ROWS, 1, PARTITIONS)
        .as(Encoders.LONG())
        .mapPartitions(meeting, Encoders.LONG())
        .toDF("id")
        .write()
        .format("lakestream")
        .options(options)
        .option("globalBatchSize", 64)
        .option("slots", 4)
        .option("bundleSize", "1")
        .option("producer", "job")
        .mode("append")
        .save(root);
  }

  /** The rows of a task. */
  private static final class Troubled implements Iterator<Long> {
    private final Iterator<Long> ids;
    private final Trouble trouble;
    private final Path marks;
    private long calm = CALM_ROWS;

    Troubled(Iterator<Long> ids, Trouble trouble, Path marks) {
      this.ids = ids;
      this.trouble = trouble;
      this.marks = marks;
    }

    @Override
    public boolean hasNext() {
      return ids.hasNext();
    }

    @Override
    public Long next() {
      TaskContext task = TaskContext.get();
      if (calm-- == 0 && task.partitionId() == TROUBLED_PARTITION) {
        try {
          trouble.meet(marks);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return ids.next();
    }
  }
}
