// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.commit.CommitPolicy;
import dev.lakestream.commit.ImmediateCommitPolicy;
import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.FencedException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.Names;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamState;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One life of a producer. Opening it commits the next epoch, which fences the former life: whatever
 * that still sends is void. A fenced session fails and never re-opens by itself.
 *
 * <p>Must:
 *
 * <ul>
 *   <li>make each commit appear once, in order, whatever is retried (invariant 6);
 *   <li>begin at {@link #state()}, where the log says that its former life got to;
 *   <li>commit nothing more once the outcome of a commit is unknown: what came late could be taken
 *       for what came next;
 *   <li>have uploaded what a commit names before it commits (invariant 4).
 * </ul>
 *
 * <p>Not thread-safe, but for {@link #newBundleKey()}.
 */
public final class ProducerSession {
  private final LakeStream stream;
  private final LogAppender appender;
  private final CommitPacer pacer;
  private final CommitGate gate;
  private String state;
  private List<Attachment> attachments;
  private ProducerStamp stamp;
  private boolean inDoubt;

  private ProducerSession(
      LakeStream stream, CommitPacer pacer, CommitGate gate, ProducerState opened) {
    this.stream = stream;
    this.gate = gate;
    this.appender = new LogAppender(stream);
    this.pacer = pacer;
    this.state = opened.state();
    this.attachments = opened.attachments();
    this.stamp = new ProducerStamp(opened.id(), opened.epoch(), opened.sequence());
  }

  /**
   * Opens the next session of this producer and fences the one before. It tries again at once after
   * a lost race, which is right for few producers.
   *
   * @param stream advanced to its tail by this
   * @throws FencedException if another session opened at the same moment and fenced this one
   */
  public static ProducerSession open(LakeStream stream, String producer)
      throws IOException, InterruptedException {
    return open(stream, producer, new ImmediateCommitPolicy());
  }

  /**
   * Opens the next session of this producer and fences the one before.
   *
   * @param stream advanced to its tail by this
   * @param policy says when to try to open, and to commit; for this session alone
   * @throws FencedException if another session opened at the same moment and fenced this one
   */
  public static ProducerSession open(LakeStream stream, String producer, CommitPolicy policy)
      throws IOException, InterruptedException {
    return open(stream, producer, policy, CommitGate.OPEN);
  }

  /**
   * Opens the next session of this producer and fences the one before.
   *
   * @param stream advanced to its tail by this
   * @param policy says when to try to open, and to commit; for this session alone
   * @param gate says how much the session may commit; for this session alone
   * @throws FencedException if another session opened at the same moment and fenced this one
   */
  public static ProducerSession open(
      LakeStream stream, String producer, CommitPolicy policy, CommitGate gate)
      throws IOException, InterruptedException {
    Names.check("producer", producer);
    CommitPacer pacer = new CommitPacer(stream, policy);
    try (CommitPacer watching = pacer.watch()) {
      watching.look();
      return new ProducerSession(
          stream, pacer, gate, SessionOpening.open(stream, producer, watching));
    }
  }

  /** Which session this is; the sequence is that of its last commit. */
  public ProducerStamp stamp() {
    return stamp;
  }

  /**
   * The position in its source that the producer committed last, also in a former life; empty if
   * none.
   */
  public String state() {
    return state;
  }

  /** What the last commit left for the next one, such as left-over rows; also of a former life. */
  public List<Attachment> attachments() {
    return attachments;
  }

  /** A fresh key for one attempt of an upload of an Arrow bundle. Thread-safe. */
  public ObjectKey newBundleKey() {
    return newBundleKey(BundleFormat.ARROW);
  }

  /** A fresh key for one attempt of an upload. Thread-safe. */
  public ObjectKey newBundleKey(BundleFormat format) {
    UUID uuid = stream.environment().uuids().get();
    return StreamKeys.bundle(stamp.id(), stamp.epoch(), uuid, format.label());
  }

  /**
   * Makes steps visible, and moves the producer's state, at once; tries until it wins, when the
   * session's policy says. Steps wait while the session's gate has no room.
   *
   * @throws FencedException if another session has opened
   * @throws CommitRejectedException if the entry would be, or was found, void: nothing is visible
   * @throws CommitOutcomeUnknownException if the store did not say; nothing may be deleted, and
   *     this session commits nothing more
   * @throws IOException if the commit was certainly not made; it may be tried again
   * @throws InterruptedException if interrupted between two attempts: the commit was not made
   */
  public CommitReceipt commit(Commit commit) throws IOException, InterruptedException {
    checkNotInDoubt();
    return commit(commit, PlacedContent.ofOwn(stream, stamp, commit.content()));
  }

  /**
   * Commits steps once more whose cells were committed before, by anybody ({@code docs/format.md}
   * §14). The session keeps its state and its attachments.
   *
   * @return empty if a commit with the same idempotence key was made before: then nothing is done
   * @throws CommitRejectedException if some of the steps were trimmed meanwhile: nothing is visible
   * @throws FencedException as {@link #commit}, which also tells of the other errors
   */
  public Optional<CommitReceipt> repeat(RepeatedSteps steps)
      throws IOException, InterruptedException {
    checkNotInDoubt();
    stream.refresh();
    if (stream.hasKey(steps.idempotence())) {
      return Optional.empty();
    }
    Commit commit =
        new Commit(
            new CommitContent.Inline(List.of(), List.of()),
            Optional.empty(),
            attachments,
            Optional.of(steps.idempotence()),
            List.of());
    try {
      return Optional.of(commit(commit, PlacedContent.ofRepeated(stream, stamp, steps)));
    } catch (CommitRejectedException e) {
      if (stream.hasKey(steps.idempotence())) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private CommitReceipt commit(Commit commit, PlacedContent placed)
      throws IOException, InterruptedException {
    UUID id = stream.environment().uuids().get();
    try (CommitPacer watching = pacer.watch()) {
      if (placed.content().totals().steps() > 0) {
        watching.awaitRoom(gate);
      }
      long since = pacer.now();
      while (true) {
        watching.awaitAttempt(since);
        Optional<CommitReceipt> receipt = attempt(commit, placed, id);
        if (receipt.isPresent()) {
          return receipt.get();
        }
      }
    }
  }

  /**
   * Tries once, now, to make steps visible and to move the producer's state.
   *
   * @return empty if another producer was faster: nothing is visible
   * @throws FencedException as {@link #commit}, which see for the other errors as well
   */
  Optional<CommitReceipt> attempt(Commit commit) throws IOException {
    checkNotInDoubt();
    return attempt(
        commit,
        PlacedContent.ofOwn(stream, stamp, commit.content()),
        stream.environment().uuids().get());
  }

  /** What paces this session. */
  CommitPacer pacer() {
    return pacer;
  }

  /** What may hold this session back. */
  CommitGate gate() {
    return gate;
  }

  /** The stream that it commits to. */
  LakeStream stream() {
    return stream;
  }

  /** What came late could be taken for what came next. */
  private void checkNotInDoubt() {
    if (inDoubt) {
      throw new CommitOutcomeUnknownException(
          "the outcome of the last commit of session "
              + stamp
              + " is unknown: open the producer again and it will find out from the log");
    }
  }

  private Optional<CommitReceipt> attempt(Commit commit, PlacedContent placed, UUID id)
      throws IOException {
    ProducerStamp next = new ProducerStamp(stamp.id(), stamp.epoch(), stamp.sequence() + 1);
    Optional<LogEntry> made;
    try {
      made = append(next, commit, placed, id);
    } catch (CommitOutcomeUnknownException e) {
      inDoubt = true;
      throw e;
    }
    if (made.isEmpty()) {
      return Optional.empty();
    }
    stamp = next;
    state = commit.state().orElse(state);
    attachments = commit.attachments();
    stream.foldNowAndThen(made.get().version());
    return Optional.of(
        new CommitReceipt(
            made.get().version(),
            made.get().before().steps(),
            made.get().content().totals().steps()));
  }

  /** The entry that made the commit; empty if it was certainly not made. */
  private Optional<LogEntry> append(
      ProducerStamp next, Commit commit, PlacedContent placed, UUID id) throws IOException {
    Optional<LogAppender.Appended> attempted =
        appender.attempt(id, at -> continuation(next, commit, placed, id, at), pacer);
    if (attempted.isEmpty()) {
      return Optional.empty();
    }
    LogAppender.Appended appended = attempted.get();
    if (appended.folded()) {
      if (appended.problem().isPresent()) {
        throw new CommitRejectedException(
            "the commit of "
                + next
                + " at version "
                + appended.entry().version()
                + " is void: "
                + appended.problem().get());
      }
      return Optional.of(appended.entry());
    }
    return isMade(next) ? Optional.of(appended.entry()) : Optional.empty();
  }

  /** Whether a snapshot says that the producer got there (docs/format.md §7, 6). */
  private boolean isMade(ProducerStamp next) {
    ProducerState now;
    try {
      now = stream.producer(next.id()).orElseThrow();
    } catch (UncheckedIOException | LakestreamException e) {
      throw CertainPut.unknown("the producer's state could not be read", e);
    }
    if (now.epoch() != next.epoch()) {
      // The successor began where we got to, and its opening says no more than its own sequence.
      throw CertainPut.unknown(
          "session " + stamp + " was fenced by epoch " + now.epoch() + " while it committed",
          new FencedException("epoch " + now.epoch() + " has been opened by another process"));
    }
    return now.sequence() == next.sequence();
  }

  private LogEntry continuation(
      ProducerStamp next, Commit commit, PlacedContent placed, UUID id, StreamState at) {
    SessionOpening.checkNotFenced(stamp, stream.producer(next.id()).orElseThrow());
    checkFirstStep(next, commit, at);
    LogEntry entry =
        placed.carriedBy(
            LogEntry.after(at, id, stream.environment().clock().millis())
                .with(
                    next,
                    commit.state(),
                    commit.attachments(),
                    commit.idempotence(),
                    placed.content())
                .with(commit.actions()));
    stream
        .problemOf(entry)
        .ifPresent(
            problem -> {
              throw new CommitRejectedException(
                  "the commit of " + next + " was not written, it would be void: " + problem);
            });
    return entry;
  }

  /** Others may have been faster; their steps are where these were to be. */
  private static void checkFirstStep(ProducerStamp next, Commit commit, StreamState at) {
    if (commit.firstStep().isPresent() && commit.firstStep().getAsLong() != at.nextStep()) {
      throw new CommitRejectedException(
          "the commit of "
              + next
              + " was not written: its steps begin at "
              + commit.firstStep().getAsLong()
              + ", the stream's next step is "
              + at.nextStep());
    }
  }
}
