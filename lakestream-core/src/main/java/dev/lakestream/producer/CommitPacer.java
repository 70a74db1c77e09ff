// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.commit.CommitPolicy;
import dev.lakestream.commit.CommitPolicy.Move;
import dev.lakestream.commit.CommitPolicy.Sighting;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.stream.LakeStream;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Eyes, ears and a watch for a {@link CommitPolicy}, which has none: tells it what the log and the
 * store say, and does the looks that it asks for. For one session, on one thread at a time.
 */
final class CommitPacer implements LogAppender.Witness, Closeable {
  /** Beyond this only the newest entries matter, and memory must not grow. */
  private static final int MOST_SIGHTINGS = 1 << 13;

  private final LakeStream stream;
  private final CommitPolicy policy;
  private Runnable unwatch = () -> {};
  private int watching;
  private final List<Sighting> seen = new ArrayList<>();
  private final Instant zero;

  private long setBack;
  private long latest;
  private long sentAt;
  private long answeredAt;

  CommitPacer(LakeStream stream, CommitPolicy policy) {
    this.stream = stream;
    this.policy = policy;
    this.zero = stream.environment().clock().instant();
  }

  /** Listens to what the stream reads, until {@link #close()} was called as often as this. */
  CommitPacer watch() {
    if (watching++ == 0) {
      unwatch = stream.watch(this::saw);
    }
    return this;
  }

  /** Nanoseconds since this was made; a clock that is set back goes on from where it was. */
  synchronized long now() {
    long read = Duration.between(zero, stream.environment().clock().instant()).toNanos() + setBack;
    if (read < latest) {
      setBack += latest - read;
      read = latest;
    }
    latest = read;
    return read;
  }

  Move next(OptionalLong readySince) {
    return policy.next(now(), readySince);
  }

  /** Time between the last two commits that were won. */
  Optional<Duration> interval() {
    OptionalLong nanos = policy.interval();
    return nanos.isPresent() ? Optional.of(Duration.ofNanos(nanos.getAsLong())) : Optional.empty();
  }

  /** Reads the log to its tail, because the policy wants to know. */
  void look() throws IOException {
    answeredAt = now();
    stream.refresh();
    looked();
  }

  /** Waits until a commit that can't be divided may be made. */
  void awaitRoom(CommitGate gate) throws IOException, InterruptedException {
    for (CommitGate.Room room = gate.room(); room.isNone(); room = gate.room()) {
      stream.environment().pause().forAbout(room.askAgain());
    }
  }

  /** Waits, and looks, until the policy says that it is time to commit. */
  void awaitAttempt(long readySince) throws IOException, InterruptedException {
    while (true) {
      Move move = next(OptionalLong.of(readySince));
      long wait = move.at() - now();
      if (wait > 0) {
        // A millisecond is what a thread can wait for, and too early is asked again.
        stream.environment().pause().forAbout(Duration.ofMillis(Math.max(1, wait / 1_000_000)));
      } else if (move.kind() == Move.Kind.COMMIT) {
        return;
      } else {
        look();
      }
    }
  }

  @Override
  public void sends() {
    sentAt = now();
  }

  @Override
  public void isAnswered() {
    answeredAt = now();
  }

  @Override
  public void knows(boolean ours) {
    if (ours) {
      policy.won(sentAt, answeredAt);
    } else {
      policy.lost(sentAt, answeredAt);
    }
  }

  @Override
  public void looked() {
    List<Sighting> entries;
    synchronized (seen) {
      entries = List.copyOf(seen);
      seen.clear();
    }
    policy.looked(answeredAt, now(), entries);
  }

  /** On whatever thread reads the log. */
  private void saw(LogEntry entry) {
    synchronized (seen) {
      if (seen.size() == MOST_SIGHTINGS) {
        seen.subList(0, MOST_SIGHTINGS / 2).clear();
      }
      seen.add(new Sighting(entry.version(), entry.producer().map(ProducerStamp::id).orElse("")));
    }
  }

  @Override
  public void close() {
    if (--watching == 0) {
      unwatch.run();
    }
  }
}
