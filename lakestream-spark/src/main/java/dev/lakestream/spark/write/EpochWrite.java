// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.spark.options.WriteOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;

/** One epoch of a streaming query on the driver, of which Spark makes a new one each time. */
final class EpochWrite implements StreamingWrite {
  private final WriteOptions options;
  private final WriteTarget target;
  private final String query;
  private final EpochSink sink;
  private Optional<WritePlan> plan = Optional.empty();

  EpochWrite(WriteOptions options, WriteTarget target, String query, EpochSink sink) {
    this.options = options;
    this.target = target;
    this.query = query;
    this.sink = sink;
  }

  /** No, for the reasons that a job has not to. */
  @Override
  public boolean useCommitCoordinator() {
    return false;
  }

  @Override
  public StreamingDataWriterFactory createStreamingWriterFactory(PhysicalWriteInfo info) {
    try {
      QueryRun run = sink.run(options, target, query);
      WritePlan made = run.begin(target);
      plan = Optional.of(made);
      return new EpochWriterFactory(made, run.committed());
    } catch (IOException e) {
      throw new UncheckedIOException("no session on the stream at " + options.address(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void commit(long epoch, WriterCommitMessage[] messages) {
    List<TaskReceipt> receipts = TaskMessage.receipts(messages);
    try {
      sink.run(options, target, query).commit(epoch, plan.orElseThrow(), receipts);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "epoch " + epoch + " of query " + query + " was not committed to " + options.address(),
          e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Deletes nothing: Spark calls this also after a commit whose outcome is unknown. What the epoch
   * has uploaded is nobody's once the query's next run has fenced this one.
   */
  @Override
  public void abort(long epoch, WriterCommitMessage[] messages) {
    // The query ends now, and the next run finds out from the log.
  }

  private static UncheckedIOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    InterruptedIOException interrupted = new InterruptedIOException("interrupted");
    interrupted.initCause(cause);
    return new UncheckedIOException(interrupted);
  }
}
