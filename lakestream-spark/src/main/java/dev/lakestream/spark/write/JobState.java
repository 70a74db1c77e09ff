// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.CommitContent;

/** What a job says of itself in the log. */
final class JobState {
  private static final int MAX_NAME = 128;

  private JobState() {}

  /** The producer's state: which job it was and what it has written. */
  static String json(
      String application, String query, CommitContent.Inline content, long droppedRows) {
    ObjectNode json = SealedJson.object();
    json.put("application", application)
        .put("query", query)
        .put("rows", content.totals().rows())
        .put("steps", content.totals().steps())
        .put("dropped_rows", droppedRows);
    return json.toString();
  }

  /** A producer's name that no other job has. */
  static String producerName(String application, String query) {
    String name = ("spark-" + application + "-" + query).replaceAll("[^A-Za-z0-9._-]", "-");
    return name.length() <= MAX_NAME
        ? name
        : "spark-" + name.substring(name.length() - MAX_NAME + "spark-".length());
  }
}
