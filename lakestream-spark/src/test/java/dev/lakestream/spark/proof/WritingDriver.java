// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark application that runs the {@link WriteJob} of each line of its standard input. An
 * argument, if there is one, has it start {@link TwoHosts} for itself, with so much memory.
 */
public final class WritingDriver {
  /** What it says after a job that ended well; then, how many speculative attempts have won. */
  static final String DONE = "the job is done, speculation has won ";

  /** What it says after another one. */
  static final String FAILED = "the job has failed";

  private final SparkSession session;
  private final AtomicInteger wonBySpeculation = new AtomicInteger();

  private WritingDriver(SparkSession session) {
    this.session = session;
  }

  public static void main(String[] args) throws IOException {
    if (args.length == 0) {
      runJobs(SparkSession.builder().getOrCreate());
    } else {
      try (TwoHosts cluster = TwoHosts.start(new SparkConf(), Integer.parseInt(args[0]))) {
        runJobs(SparkSession.builder().master(cluster.url()).getOrCreate());
      }
    }
  }

  private static void runJobs(SparkSession session) throws IOException {
    try (session;
        BufferedReader input =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      WritingDriver driver = new WritingDriver(session);
      session.sparkContext().addSparkListener(driver.counting());
      String line = input.readLine();
      while (line != null) {
        driver.run(WriteJob.of(line));
        line = input.readLine();
      }
    }
  }

  private SparkListener counting() {
    return new SparkListener() {
      @Override
      public void onTaskEnd(SparkListenerTaskEnd task) {
        if (task.taskInfo().speculative() && task.taskInfo().successful()) {
          wonBySpeculation.incrementAndGet();
        }
      }
    };
  }

  private void run(WriteJob job) {
    try {
      job.run(session);
      session.sparkContext().listenerBus().waitUntilEmpty();
      System.out.println(DONE + wonBySpeculation.getAndSet(0));
    } catch (RuntimeException | TimeoutException e) {
      e.printStackTrace(System.out);
      System.out.println(FAILED);
    }
  }
}
