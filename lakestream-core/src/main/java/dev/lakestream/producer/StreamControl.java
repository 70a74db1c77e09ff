// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.Action;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.StreamState;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What an operator does to a stream: entries of actions. Not thread-safe. */
public final class StreamControl {

  private final LakeStream stream;

  public StreamControl(LakeStream stream) {
    this.stream = stream;
  }

  /**
   * Commits these actions in one entry.
   *
   * @return its version
   * @throws dev.lakestream.error.CommitOutcomeUnknownException if the state of the stream has to
   *     tell
   * @throws CommitRejectedException if they are not allowed in the state that the stream is in
   */
  public long commit(Action... actions) throws IOException, InterruptedException {
    return commit(Optional.empty(), actions);
  }

  /**
   * Leaves out steps, for readers that are started with the rules version that this returns.
   *
   * @param from the first step to leave out
   * @param to the step after the last
   * @param reason for those who ask later
   * @throws InvalidRequestException if the stream has no such steps, or the reason is too long
   */
  public long skip(long from, long to, String reason) throws IOException, InterruptedException {
    long steps = stream.refresh().nextStep();
    if (from < 0 || from >= to || to > steps) {
      throw new InvalidRequestException(
          "the steps ["
              + from
              + ", "
              + to
              + ") can't be skipped: the stream has "
              + steps
              + " steps, and the first one must be below the end");
    }
    if (reason.codePointCount(0, reason.length()) > Limits.REASON_LENGTH) {
      throw new InvalidRequestException(
          "the reason has more than " + Limits.REASON_LENGTH + " characters");
    }
    return commit(new Action.Skip(from, to, reason));
  }

  /**
   * Ends the stream: no step follows.
   *
   * @throws InvalidRequestException if it has ended already
   */
  public long seal() throws IOException, InterruptedException {
    if (stream.refresh().sealed()) {
      throw new InvalidRequestException("the stream is sealed already");
    }
    return commit(new Action.Seal());
  }

  /**
   * Opens an epoch in the name of a producer and retires it, in one entry: whoever may have data of
   * that epoch, of whose session the log knows nothing, can't commit it any more.
   *
   * @param epoch the one after the last that the log knows, 1 for an unknown producer
   * @return the version of the entry
   * @throws CommitRejectedException if it is not the next epoch: the producer has come back
   */
  public long fence(String producer, long epoch) throws IOException, InterruptedException {
    return commit(
        Optional.of(new ProducerStamp(producer, epoch, 0)), new Action.Retire(producer, epoch));
  }

  private long commit(Optional<ProducerStamp> opened, Action... actions) throws IOException {
    stream.refresh();
    UUID id = stream.environment().uuids().get();
    LogAppender.Appended appended =
        new LogAppender(stream).append(id, at -> entry(opened, List.of(actions), id, at));
    if (!appended.folded()) {
      throw CertainPut.unknown(
          "the log was folded beyond version "
              + appended.entry().version()
              + " while the actions were committed",
          new IllegalStateException("actions have no producer whose sequence could tell"));
    }
    if (appended.problem().isPresent()) {
      throw new CommitRejectedException("the actions are void: " + appended.problem().get());
    }
    return appended.entry().version();
  }

  private LogEntry entry(
      Optional<ProducerStamp> opened, List<Action> actions, UUID id, StreamState at) {
    LogEntry plain = LogEntry.after(at, id, stream.environment().clock().millis()).with(actions);
    LogEntry entry =
        opened
            .map(
                stamp ->
                    plain.with(
                        stamp, Optional.empty(), List.of(), Optional.empty(), CommitContent.none()))
            .orElse(plain);
    stream
        .problemOf(entry)
        .ifPresent(
            problem -> {
              throw new CommitRejectedException("the actions are not allowed: " + problem);
            });
    return entry;
  }
}
