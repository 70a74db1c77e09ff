// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.LakestreamException;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.spark.options.RowCounts;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.util.ArrowUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One job on the driver: opens a session of its producer before the tasks start, and makes all
 * their steps visible in one commit after they have ended, or none (invariant 1).
 *
 * <p>Must:
 *
 * <ul>
 *   <li>take one attempt of each task, the one that Spark has chosen, and nothing of the others;
 *   <li>commit only what is durable (invariant 4): attempts report when it is;
 *   <li>delete nothing unless the commit is known to be made, since after an unknown outcome the
 *       steps may be visible.
 * </ul>
 */
final class StreamBatchWrite implements BatchWrite {
  private static final Logger LOG = LoggerFactory.getLogger(StreamBatchWrite.class);

  private final WriteOptions options;
  private final WriteTarget target;
  private final String query;
  private final String application;
  private final ObjectStore store;
  private final DriverMetrics metrics;
  private final Supplier<Optional<RowCounts>> rowCounts;
  private Optional<JobSession> session = Optional.empty();
  private Optional<WritePlan> plan = Optional.empty();

  /**
   * @param rowCounts of the partitions, if they have been counted by the time that tasks are made
   */
  StreamBatchWrite(
      WriteOptions options,
      WriteTarget target,
      String query,
      String application,
      DriverMetrics metrics,
      Supplier<Optional<RowCounts>> rowCounts) {
    this.options = options;
    this.target = target;
    this.query = query;
    this.application = application;
    this.metrics = metrics;
    this.rowCounts = rowCounts;
    this.store = options.address().open();
  }

  /**
   * No: attempts can't get in each other's way, since their objects have unique names and only the
   * driver commits, which takes exactly one result of each partition. A coordinator would add a
   * lock that an attempt may take with it when it dies while it uploads.
   */
  @Override
  public boolean useCommitCoordinator() {
    return false;
  }

  @Override
  public DataWriterFactory createBatchWriterFactory(PhysicalWriteInfo info) {
    Optional<RowCounts> counts = rowCounts.get();
    target.checkPartitions(options, counts, info.numPartitions());
    try {
      LakeStream stream = target.open(options, store);
      session = JobSession.open(options, stream, producer());
    } catch (IOException e) {
      throw new UncheckedIOException("no session on the stream at " + options.address(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    if (session.isEmpty()) {
      return new NothingToWrite();
    }
    WritePlan made = target.plan(options, counts, session.get().stamp());
    plan = Optional.of(made);
    return new TaskWriterFactory(made);
  }

  @Override
  public void commit(WriterCommitMessage[] messages) {
    if (session.isPresent()) {
      List<TaskReceipt> receipts = TaskMessage.receipts(messages);
      try (BufferAllocator allocator =
          ArrowUtils.rootAllocator().newChildAllocator("lakestream commit", 0, Long.MAX_VALUE)) {
        Arranged steps =
            new StepArrangement(plan.orElseThrow(), store, options.remainderOfJob(), allocator)
                .of(receipts);
        commit(session.get(), receipts, steps);
      } catch (IOException e) {
        throw new UncheckedIOException("the job was not committed to " + options.address(), e);
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
    closeStore();
  }

  /**
   * Ends the session, so that vacuum may remove what the tasks have uploaded. Deletes nothing:
   * Spark calls this also after a commit whose outcome is unknown.
   */
  @Override
  public void abort(WriterCommitMessage[] messages) {
    session.ifPresent(JobSession::end);
    closeStore();
  }

  private void commit(JobSession job, List<TaskReceipt> receipts, Arranged steps)
      throws IOException, InterruptedException {
    String state = JobState.json(application, query, steps.content(), steps.droppedRows());
    long attemptsBefore = job.attempts();
    long began = System.nanoTime();
    Optional<CommitReceipt> receipt = job.commit(steps, state);
    metrics.committed(
        receipt.map(CommitReceipt::steps).orElse(0L),
        receipt.isPresent() ? steps.shortRows() : 0,
        job.attempts() - attemptsBefore,
        System.nanoTime() - began,
        untold(receipts, steps));
    if (receipt.isEmpty()) {
      return;
    }
    LOG.info(
        "version {} of {}: {} steps from step {} on, {} rows, {} rows dropped",
        receipt.get().version(),
        options.address(),
        receipt.get().steps(),
        receipt.get().firstStep(),
        steps.content().totals().rows(),
        steps.droppedRows());
    removeRewritten(receipts, steps);
  }

  /** Uploads that Spark does not know of: the last ones of each task, and those of the driver. */
  private static UploadMeter untold(List<TaskReceipt> receipts, Arranged steps) {
    Set<ObjectKey> ofTasks =
        receipts.stream()
            .flatMap(TaskReceipt::bundles)
            .map(BundleDescriptor::key)
            .collect(Collectors.toSet());
    long ofDriver =
        steps.content().bundles().stream()
            .filter(bundle -> !ofTasks.contains(bundle.key()))
            .mapToLong(BundleDescriptor::bytes)
            .sum();
    return receipts.stream()
        .map(TaskReceipt::late)
        .reduce(new UploadMeter(ofDriver, 0), UploadMeter::plus);
  }

  /**
   * Removes the left-over slots whose rows the last step holds in another form, or that were
   * dropped. The commit is made and does not name them, and none can any more.
   */
  private void removeRewritten(List<TaskReceipt> receipts, Arranged committed) {
    Set<ObjectKey> named =
        committed.content().bundles().stream()
            .map(BundleDescriptor::key)
            .collect(Collectors.toSet());
    receipts.stream()
        .flatMap(TaskReceipt::looseBundles)
        .map(BundleDescriptor::key)
        .distinct()
        .filter(key -> !named.contains(key))
        .forEach(
            key -> {
              try {
                store.delete(key);
              } catch (IOException | LakestreamException e) {
                LOG.warn("{} was not removed, vacuum will: {}", key, e.toString());
              }
            });
  }

  private String producer() {
    return options.producer().orElseGet(() -> JobState.producerName(application, query));
  }

  private void closeStore() {
    try {
      store.close();
    } catch (IOException e) {
      LOG.warn("a store was not closed: {}", e.toString());
    }
  }

  private static UncheckedIOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    InterruptedIOException interrupted = new InterruptedIOException("interrupted");
    interrupted.initCause(cause);
    return new UncheckedIOException(interrupted);
  }
}
