// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.error.FencedException;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamState;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Commits the next epoch of a producer, and tells when another one has been opened. */
final class SessionOpening {
  private SessionOpening() {}

  /**
   * Opens the next epoch, however often others are faster.
   *
   * @return what the log says of the producer then
   * @throws FencedException if another session opened at the same moment and fenced this one
   */
  static ProducerState open(LakeStream stream, String producer, CommitPacer pacer)
      throws IOException, InterruptedException {
    LogAppender appender = new LogAppender(stream);
    long since = pacer.now();
    while (true) {
      pacer.awaitAttempt(since);
      UUID id = stream.environment().uuids().get();
      Optional<LogAppender.Appended> appended =
          appender.attempt(id, at -> opening(stream, producer, id, at), pacer);
      // Otherwise nobody can tell whose the epoch is: open the next one.
      if (appended.isPresent() && appended.get().folded() && appended.get().problem().isEmpty()) {
        ProducerStamp ours = appended.get().entry().producer().orElseThrow();
        ProducerState opened = stream.producer(producer).orElseThrow();
        checkNotFenced(ours, opened);
        return opened;
      }
    }
  }

  /** Refuses to go on as a session that is not the producer's last one. */
  static void checkNotFenced(ProducerStamp session, ProducerState now) {
    if (now.epoch() != session.epoch() || now.retired()) {
      throw new FencedException(
          "session "
              + session
              + " is fenced: "
              + (now.retired()
                  ? "the producer is retired"
                  : "epoch " + now.epoch() + " has been opened by another process")
              + "; stop, nothing of this session will be visible any more");
    }
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
}
