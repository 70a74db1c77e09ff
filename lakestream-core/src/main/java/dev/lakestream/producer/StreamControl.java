// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.log.Action;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.StreamState;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/**
 * What an operator does to a stream: entries with actions and without a producer. Not thread-safe.
 */
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
    stream.refresh();
    UUID id = stream.environment().uuids().get();
    LogAppender.Appended appended =
        new LogAppender(stream).append(id, at -> entry(List.of(actions), id, at));
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

  private LogEntry entry(List<Action> actions, UUID id, StreamState at) {
    LogEntry entry = LogEntry.after(at, id, stream.environment().clock().millis()).with(actions);
    stream
        .problemOf(entry)
        .ifPresent(
            problem -> {
              throw new CommitRejectedException("the actions are not allowed: " + problem);
            });
    return entry;
  }
}
