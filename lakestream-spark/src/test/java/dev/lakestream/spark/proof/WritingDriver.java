// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.SparkSession;

/** A Spark application that runs the {@link WriteJob} of each line of its standard input. */
public final class WritingDriver {
  /** What it says after a job that ended well. */
  static final String DONE = "the job is done";

  /** What it says after another one. */
  static final String FAILED = "the job has failed";

  private WritingDriver() {}

  public static void main(String[] args) throws IOException {
    try (SparkSession session = SparkSession.builder().getOrCreate();
        BufferedReader input =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      String line = input.readLine();
      while (line != null) {
        run(session, WriteJob.of(line));
        line = input.readLine();
      }
    }
  }

  private static void run(SparkSession session, WriteJob job) {
    try {
      job.run(session);
      System.out.println(DONE);
    } catch (RuntimeException e) {
      e.printStackTrace(System.out);
      System.out.println(FAILED);
    }
  }
}
