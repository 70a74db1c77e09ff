// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.FencedException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.Names;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Attachment;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of a producer. Opening it commits the next epoch, which fences the former life: whatever
 * that still sends is void. A fenced session fails and never re-opens by itself.
 *
 * <p>Must:
 *
 * <ul>
 *   <li>make each commit appear once, in order, whatever is retried (invariant 6);
 *   <li>begin at {@link #state()}, where the log says that its former life got to;
 *   <li>have uploaded what a commit names before it commits (invariant 4).
 * </ul>
 *
 * <p>Not thread-safe, but for {@link #newBundleKey()}.
 */
public final class ProducerSession {
  private static final Logger LOG = LoggerFactory.getLogger(ProducerSession.class);
  private static final int FOLD_AFTER = 256;

  private final LakeStream stream;
  private final LogAppender appender;
  private final String state;
  private final List<Attachment> attachments;
  private ProducerStamp stamp;

  private ProducerSession(LakeStream stream, ProducerState opened) {
    this.stream = stream;
    this.appender = new LogAppender(stream);
    this.state = opened.state();
    this.attachments = opened.attachments();
    this.stamp = new ProducerStamp(opened.id(), opened.epoch(), opened.sequence());
  }

  /**
   * Opens the next session of this producer and fences the one before.
   *
   * @param stream advanced to its tail by this
   */
  public static ProducerSession open(LakeStream stream, String producer)
      throws IOException, InterruptedException {
    Names.check("producer", producer);
    stream.refresh();
    LogAppender appender = new LogAppender(stream);
    while (true) {
      UUID id = stream.environment().uuids().get();
      Optional<Long> version = appender.append(id, at -> opening(stream, producer, id, at));
      Optional<ProducerState> opened = stream.producer(producer);
      // Void if another session of the same name opened at the same moment: then fence that one.
      if (version.isPresent() && opened.map(ProducerState::version).equals(version)) {
        return new ProducerSession(stream, opened.get());
      }
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

  /** What its former life left for the next commit, such as left-over rows. */
  public List<Attachment> attachments() {
    return attachments;
  }

  /** A fresh key for one attempt of an upload. Thread-safe. */
  public ObjectKey newBundleKey() {
    return StreamKeys.bundle(stamp.id(), stamp.epoch(), stream.environment().uuids().get());
  }

  /**
   * Makes steps visible, and moves the producer's state, at once.
   *
   * @throws FencedException if another session has opened
   * @throws CommitRejectedException if the entry would be, or was found, void: nothing is visible
   * @throws dev.lakestream.error.CommitOutcomeUnknownException if the store did not say; nothing
   *     may be deleted
   */
  public CommitReceipt commit(Commit commit) throws IOException, InterruptedException {
    CommitContent content = new ContentPlacement(stream, stamp).place(commit.content());
    ProducerStamp next = new ProducerStamp(stamp.id(), stamp.epoch(), stamp.sequence() + 1);
    UUID id = stream.environment().uuids().get();
    while (true) {
      Optional<Long> version =
          appender.append(id, at -> continuation(next, commit, content, id, at));
      ProducerState now = stream.producer(next.id()).orElseThrow();
      if (now.epoch() == next.epoch() && now.sequence() == next.sequence()) {
        stamp = next;
        CommitReceipt receipt = receipt(now.version(), content);
        foldNowAndThen();
        return receipt;
      }
      checkNotFenced(now);
      if (version.isPresent()) {
        throw new CommitRejectedException(
            "the commit of "
                + next
                + " at version "
                + version.get()
                + " is void: "
                + stream
                    .voidReason(version.get())
                    .orElse("for a reason that the log does not tell"));
      }
    }
  }

  private CommitReceipt receipt(long version, CommitContent content) throws IOException {
    long steps = content.totals().steps();
    long firstStep = steps == 0 ? stream.state().nextStep() : stream.firstStepOf(version);
    return new CommitReceipt(version, firstStep, steps);
  }

  private void checkNotFenced(ProducerState now) {
    if (now.epoch() != stamp.epoch() || now.retired()) {
      throw new FencedException(
          "session "
              + stamp
              + " is fenced: "
              + (now.retired()
                  ? "the producer is retired"
                  : "epoch " + now.epoch() + " has been opened by another process")
              + "; stop, nothing of this session will be visible any more");
    }
  }

  private LogEntry continuation(
      ProducerStamp next, Commit commit, CommitContent content, UUID id, StreamState at) {
    checkNotFenced(stream.producer(next.id()).orElseThrow());
    LogEntry entry =
        LogEntry.after(at, id, stream.environment().clock().millis())
            .with(next, commit.state(), commit.attachments(), commit.idempotence(), content)
            .with(commit.actions());
    stream
        .problemOf(entry)
        .ifPresent(
            problem -> {
              throw new CommitRejectedException(
                  "the commit of " + next + " was not written, it would be void: " + problem);
            });
    return entry;
  }

  private static LogEntry opening(LakeStream stream, String producer, UUID id, StreamState at) {
    long epoch = stream.producer(producer).map(ProducerState::epoch).orElse(0L) + 1;
    return LogEntry.after(at, id, stream.environment().clock().millis())
        .with(
            new ProducerStamp(producer, epoch, 0),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            CommitContent.none());
  }

  /** Whoever commits may fold; it is never needed for correctness, so it never fails a commit. */
  private void foldNowAndThen() {
    if (stream.entriesSinceSnapshot() >= FOLD_AFTER) {
      try {
        stream.writeSnapshot();
      } catch (IOException | UncheckedIOException | LakestreamException e) {
        LOG.warn("the log was not folded, somebody else will: {}", e.getMessage());
      }
    }
  }
}
