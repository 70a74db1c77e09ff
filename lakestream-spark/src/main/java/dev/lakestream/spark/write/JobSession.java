// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.commit.AdaptiveCommitPolicy;
import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.FencedException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.Action;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.retention.LeadGate;
import dev.lakestream.retention.LeadLog;
import dev.lakestream.spark.options.JobKey;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The session of a job's producer: it begins before the tasks, and ends with the commit of all
 * their steps, or of none (invariant 1).
 *
 * <p>Must:
 *
 * <ul>
 *   <li>take a job for done only if the log says so, which is asked before tasks run and decided by
 *       the idempotence key of the commit ({@code docs/format.md} §6, rule 4);
 *   <li>end the session only while no commit was attempted, since after an unknown outcome the
 *       steps may be visible.
 * </ul>
 *
 * <p>Not thread-safe.
 */
final class JobSession {
  private static final Logger LOG = LoggerFactory.getLogger(JobSession.class);

  private final WriteOptions options;
  private final LakeStream stream;
  private final LeadGate gate;
  private final MeteredPolicy policy;
  private final ProducerSession session;
  private boolean commitAttempted;

  private JobSession(
      WriteOptions options,
      LakeStream stream,
      LeadGate gate,
      MeteredPolicy policy,
      ProducerSession session) {
    this.options = options;
    this.stream = stream;
    this.gate = gate;
    this.policy = policy;
    this.session = session;
  }

  /**
   * Opens the session, which fences whoever it follows; waits for readers before that.
   *
   * @return empty if the log says that the job is done
   */
  static Optional<JobSession> open(WriteOptions options, LakeStream stream, String producer)
      throws IOException, InterruptedException {
    stream.refresh();
    if (isDone(options, stream)) {
      return Optional.empty();
    }
    // Before the tasks upload what would only wait, and before it fences whoever it follows.
    LeadGate lead =
        new LeadGate(stream, options.maxLead(), new LeadLog("a job's producer " + producer));
    lead.awaitLead();
    WriteTarget.checkNotSealed(options, stream);
    // A job commits once or twice; among many jobs it should not race with all of them.
    long seed = stream.environment().uuids().get().getLeastSignificantBits();
    MeteredPolicy policy =
        new MeteredPolicy(new AdaptiveCommitPolicy(producer, new SplittableRandom(seed)));
    ProducerSession opened = ProducerSession.open(stream, producer, policy);
    JobSession session = new JobSession(options, stream, lead, policy, opened);
    // A commit of an earlier run that nobody answered is in the log by now, or can't come any more.
    if (isDone(options, stream)) {
      session.end();
      return Optional.empty();
    }
    return Optional.of(session);
  }

  /** Whether the log says, as of the last look, that the job was committed; then it is said. */
  static boolean isDone(WriteOptions options, LakeStream stream) {
    Optional<Long> version = options.job().map(JobKey::idempotence).flatMap(stream::versionOfKey);
    version.ifPresent(
        found ->
            LOG.warn(
                "{} was committed to {} before, in version {}: nothing is written",
                options.job().orElseThrow(),
                options.address(),
                found));
    return version.isPresent();
  }

  ProducerStamp stamp() {
    return session.stamp();
  }

  /** Attempts to write to the log that were answered. */
  long attempts() {
    return policy.attempts();
  }

  /**
   * Makes the steps visible, and ends the session.
   *
   * @param state of the producer
   * @return empty if another run of the same job was faster; nothing of this one is visible then
   * @throws CommitOutcomeUnknownException if the store did not say
   */
  Optional<CommitReceipt> commit(Arranged steps, String state)
      throws IOException, InterruptedException {
    long count = steps.content().totals().steps();
    if (count > Limits.COMMIT_STEPS) {
      throw new InvalidRequestException(
          "the job makes "
              + count
              + " steps, one commit has at most "
              + Limits.COMMIT_STEPS
              + ": write it in parts, or with a larger globalBatchSize");
    }
    if (count > 0) {
      gate.awaitLead(); // others may have been faster while the tasks ran
    }
    checkFirstStep(steps.firstStep());
    commitAttempted = true;
    try {
      return Optional.of(
          session.commit(commit(steps.content(), Optional.of(state), jobKey(), steps.firstStep())));
    } catch (CommitRejectedException | FencedException e) {
      commitAttempted = false; // certainly not made: the session can be ended
      stream.refresh();
      if (isDone(options, stream)) {
        end();
        return Optional.empty();
      }
      throw e;
    } catch (CommitOutcomeUnknownException e) {
      LOG.error(
          "whether the job's {} steps are in {} is unknown: {}",
          count,
          options.address(),
          options.job().isPresent()
              ? "run it again with the same jobId and jobVersion, it is written once"
              : "look for producer " + stamp().id() + " in its log before it is run again");
      throw e;
    }
  }

  /** Ends a session that commits nothing, so that vacuum may remove what the tasks uploaded. */
  void end() {
    if (commitAttempted) {
      return;
    }
    try {
      CommitContent.Inline nothing = new CommitContent.Inline(List.of(), List.of());
      session.commit(commit(nothing, Optional.empty(), Optional.empty(), OptionalLong.empty()));
    } catch (FencedException e) {
      LOG.info("the session of a job had been fenced: {}", e.getMessage());
    } catch (IOException | LakestreamException e) {
      LOG.warn("the session of a job that wrote nothing was not ended: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<String> jobKey() {
    return options.job().map(JobKey::idempotence);
  }

  /** With the session's end: whatever still names its epoch is void. */
  private Commit commit(
      CommitContent.Inline content,
      Optional<String> state,
      Optional<String> idempotence,
      OptionalLong firstStep) {
    Action end = new Action.Retire(stamp().id(), stamp().epoch());
    return new Commit(content, state, List.of(), idempotence, List.of(end), firstStep);
  }

  private void checkFirstStep(OptionalLong firstStep) throws IOException {
    if (firstStep.isEmpty()) {
      return;
    }
    stream.refresh();
    long next = stream.state().nextStep();
    if (firstStep.getAsLong() != next) {
      throw new InvalidRequestException(
          "the rows' first _step is "
              + firstStep.getAsLong()
              + ", but the next step of "
              + options.address()
              + " is "
              + next
              + (firstStep.getAsLong() < next ? ": what is visible never changes" : ""));
    }
  }
}
