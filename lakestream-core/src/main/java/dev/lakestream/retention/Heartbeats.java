// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.Names;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where reading jobs say how far they got. Nothing is kept for their sake: heartbeats hold
 * producers back ({@link LeadGate}), pins hold data.
 *
 * <p>Thread-safe.
 */
public final class Heartbeats {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);

  private final LakeStream stream;
  private final StoreClock clock;

  public Heartbeats(LakeStream stream) {
    this.stream = stream;
    this.clock = new StoreClock(stream);
  }

  /** Says that a job is alive and which step it reads next; overwrites what it said before. */
  public void beat(String job, long nextStep) throws IOException {
    Names.check("job", job);
    if (nextStep < 0 || nextStep > Limits.MAX_INTEGER) {
      throw new InvalidRequestException("there is no step " + nextStep);
    }
    HeartbeatJson.Beat beat =
        new HeartbeatJson.Beat(job, nextStep, stream.environment().clock().millis());
    stream.store().put(StreamKeys.progress(job), HeartbeatJson.encode(stream.id(), beat));
  }

  /** A job that has ended holds nobody back any more. */
  public void end(String job) throws IOException {
    stream.store().delete(StreamKeys.progress(Names.check("job", job)));
  }

  /** The last word of every job, live or not, by job; one that can't be read is passed over. */
  public List<Heartbeat> list() throws IOException {
    List<ObjectInfo> objects = stream.store().list(StreamKeys.PROGRESS, Optional.empty());
    if (objects.isEmpty()) {
      return List.of();
    }
    Instant now = clock.now();
    List<Heartbeat> heartbeats = new ArrayList<>();
    for (ObjectInfo info : objects) {
      read(info, now).ifPresent(heartbeats::add);
    }
    return List.copyOf(heartbeats);
  }

  private Optional<Heartbeat> read(ObjectInfo info, Instant now) throws IOException {
    try {
      HeartbeatJson.Beat beat =
          HeartbeatJson.decode(
              stream.id(), info.key(), stream.store().get(info.key(), Limits.SMALL_OBJECT_BYTES));
      Duration age = Duration.between(info.lastModified(), now);
      return Optional.of(
          new Heartbeat(beat.job(), beat.nextStep(), age.isNegative() ? Duration.ZERO : age));
    } catch (LakestreamException e) {
      LOG.warn("a heartbeat is passed over: {}", e.getMessage());
    } catch (ObjectNotFoundException e) {
      LOG.debug("{} ended while it was looked at", info.key());
    }
    return Optional.empty();
  }
}
