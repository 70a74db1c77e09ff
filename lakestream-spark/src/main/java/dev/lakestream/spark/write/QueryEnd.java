// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.sql.streaming.StreamingQueryListener.QueryTerminatedEvent;

/**
 * Learns that a streaming query has ended, which Spark tells no sink. It hears of all queries of
 * the application and waits for one of their runs. Spark hands all events on before it stops, so
 * only a driver that dies leaves it without an answer.
 */
final class QueryEnd extends SparkListener {
  private final SparkContext context;
  private final String run;
  private final EpochSink sink;

  QueryEnd(SparkContext context, String run, EpochSink sink) {
    this.context = context;
    this.run = run;
    this.sink = sink;
  }

  @Override
  public void onOtherEvent(SparkListenerEvent event) {
    if (event instanceof QueryTerminatedEvent end && end.runId().toString().equals(run)) {
      context.removeSparkListener(this);
      sink.end(end.exception().isEmpty());
    }
  }
}
