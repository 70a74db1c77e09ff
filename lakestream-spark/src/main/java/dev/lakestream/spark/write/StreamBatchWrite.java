// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.commit.AdaptiveCommitPolicy;
import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.Action;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.retention.LeadGate;
import dev.lakestream.retention.LeadLog;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
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
  private Optional<LeadGate> gate = Optional.empty();
  private Optional<ProducerSession> session = Optional.empty();
  private Optional<WritePlan> plan = Optional.empty();
  private boolean commitAttempted;

  StreamBatchWrite(WriteOptions options, WriteTarget target, String query, String application) {
    this.options = options;
    this.target = target;
    this.query = query;
    this.application = application;
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
    try {
      LakeStream stream = target.open(options, store);
      // Before the tasks upload what would only wait, and before it fences whoever it follows.
      LeadGate lead =
          new LeadGate(stream, options.maxLead(), new LeadLog("a job's producer " + producer()));
      gate = Optional.of(lead);
      lead.awaitLead();
      WriteTarget.checkNotSealed(options, stream);
      // A job commits once or twice; among many jobs it should not race with all of them.
      long seed = stream.environment().uuids().get().getLeastSignificantBits();
      ProducerSession opened =
          ProducerSession.open(
              stream, producer(), new AdaptiveCommitPolicy(producer(), new SplittableRandom(seed)));
      session = Optional.of(opened);
      WritePlan made = WritePlan.of(options, target, opened.stamp());
      plan = Optional.of(made);
      return new TaskWriterFactory(made);
    } catch (IOException e) {
      throw new UncheckedIOException("no session on the stream at " + options.address(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void commit(WriterCommitMessage[] messages) {
    List<TaskReceipt> receipts =
        Arrays.stream(messages).filter(Objects::nonNull).map(TaskReceipt.class::cast).toList();
    try (BufferAllocator allocator =
        ArrowUtils.rootAllocator().newChildAllocator("lakestream commit", 0, Long.MAX_VALUE)) {
      StepAssembly steps = new StepAssembly();
      receipts.forEach(receipt -> receipt.bundles().forEach(steps::add));
      long dropped =
          new LeftOvers(plan.orElseThrow(), store, allocator)
              .addTo(steps, receipts, options.remainderOfJob());
      commit(steps.content(), dropped);
      removeRewritten(receipts, steps.content());
    } catch (IOException e) {
      throw new UncheckedIOException("the job was not committed to " + options.address(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    closeStore();
  }

  /**
   * Ends the session, so that vacuum may remove what the tasks have uploaded. Deletes nothing:
   * Spark calls this also after a commit whose outcome is unknown.
   */
  @Override
  public void abort(WriterCommitMessage[] messages) {
    if (session.isPresent() && !commitAttempted) {
      try {
        session
            .get()
            .commit(
                new Commit(
                    new CommitContent.Inline(List.of(), List.of()),
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    List.of(retirement())));
      } catch (IOException | LakestreamException e) {
        LOG.warn("the session of an aborted job was not ended: {}", e.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    closeStore();
  }

  private void commit(CommitContent.Inline content, long dropped)
      throws IOException, InterruptedException {
    long count = content.totals().steps();
    if (count > Limits.COMMIT_STEPS) {
      throw new InvalidRequestException(
          "the job makes "
              + count
              + " steps, one commit has at most "
              + Limits.COMMIT_STEPS
              + ": write it in parts, or with a larger globalBatchSize");
    }
    if (count > 0) {
      gate.orElseThrow().awaitLead(); // others may have been faster while the tasks ran
    }
    commitAttempted = true;
    CommitReceipt receipt;
    try {
      receipt =
          session
              .orElseThrow()
              .commit(
                  new Commit(
                      content,
                      Optional.of(JobState.json(application, query, content, dropped)),
                      List.of(),
                      Optional.empty(),
                      List.of(retirement())));
    } catch (CommitOutcomeUnknownException e) {
      LOG.error(
          "whether the job's {} steps are in {} is unknown: look for producer {} in its log before"
              + " the job is run again",
          count,
          options.address(),
          producer());
      throw e;
    }
    LOG.info(
        "version {} of {}: {} steps from step {} on, {} rows, {} rows dropped",
        receipt.version(),
        options.address(),
        receipt.steps(),
        receipt.firstStep(),
        content.totals().rows(),
        dropped);
  }

  /**
   * Removes the left-over slots whose rows the last step holds in another form, or that were
   * dropped. The commit is made and does not name them, and none can any more.
   */
  private void removeRewritten(List<TaskReceipt> receipts, CommitContent.Inline committed) {
    Set<ObjectKey> named =
        committed.bundles().stream().map(BundleDescriptor::key).collect(Collectors.toSet());
    receipts.stream()
        .flatMap(receipt -> receipt.cells().stream())
        .map(cell -> cell.bundle().key())
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

  /** The session's work is over: whatever still names its epoch is void. */
  private Action retirement() {
    ProducerStamp stamp = session.orElseThrow().stamp();
    return new Action.Retire(stamp.id(), stamp.epoch());
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
