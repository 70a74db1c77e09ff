// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.LakestreamException;
import dev.lakestream.spark.options.WriteOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a table keeps for the streaming query that writes to it: its session, from epoch to epoch
 * and until the query ends. Thread-safe.
 */
public final class EpochSink {
  private static final Logger LOG = LoggerFactory.getLogger(EpochSink.class);

  /** Spark's name of the run that works in a thread. */
  private static final String RUN_ID = "spark.jobGroup.id";

  private Optional<QueryRun> current = Optional.empty();

  /** The run of this query, which begins with its first epoch. */
  synchronized QueryRun run(WriteOptions options, WriteTarget target, String query)
      throws IOException, InterruptedException {
    if (current.isPresent() && current.get().isOf(query)) {
      return current.get();
    }
    close();
    QueryRun opened = QueryRun.open(options, target, query);
    current = Optional.of(opened);
    SparkContext context = SparkContext.getOrCreate();
    Optional.ofNullable(context.getLocalProperty(RUN_ID))
        .ifPresent(run -> context.addSparkListener(new QueryEnd(context, run, this)));
    return opened;
  }

  /**
   * The query has ended.
   *
   * @param asWanted by itself or because somebody stopped it, not by a failure
   */
  synchronized void end(boolean asWanted) {
    try {
      if (asWanted && current.isPresent()) {
        current.get().end();
      }
    } catch (IOException | UncheckedIOException | LakestreamException e) {
      LOG.error(
          "the rows that fill no step were not made one when the query ended; they are carried to"
              + " its next run",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  private void close() {
    current.ifPresent(QueryRun::close);
    current = Optional.empty();
  }
}
