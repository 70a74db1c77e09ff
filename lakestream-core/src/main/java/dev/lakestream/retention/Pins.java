// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.Names;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.OpenIntent;
import dev.lakestream.log.StreamState;
import dev.lakestream.producer.CertainPut;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The pins of a stream: each keeps the steps that a live checkpoint needs, until it is released. No
 * clock ends a pin.
 *
 * <p>Keeps invariant 8 together with {@link Trimming}: a pin is put before the log is read, and an
 * intent is in the log before pins are listed, so at least one of the two sees the other.
 *
 * <p>Not thread-safe. Advances the stream to its tail.
 */
public final class Pins {
  private static final int MAX_CANCELLED = 64;

  private final LakeStream stream;

  public Pins(LakeStream stream) {
    this.stream = stream;
  }

  /** As {@link #pin(String, String, long, Optional, OpenIntents)}, cancelling what is announced. */
  public Pin pin(String job, String checkpoint, long from, Optional<Long> to)
      throws IOException, InterruptedException {
    return pin(job, checkpoint, from, to, OpenIntents.CANCEL);
  }

  /**
   * Keeps the steps from {@code from}, also those to come, up to {@code to}. Once this returns, the
   * checkpoint may be relied on.
   *
   * @param to the step after the last one needed; empty for all
   * @throws StepUnavailableException if some of the steps were trimmed, or are about to be; the pin
   *     is gone
   * @throws InvalidRequestException if a name is none, or the steps are beyond the tail
   */
  public Pin pin(
      String job, String checkpoint, long from, Optional<Long> to, OpenIntents openIntents)
      throws IOException, InterruptedException {
    UUID uuid = stream.environment().uuids().get();
    return pin(job, checkpoint, uuid, from, to, openIntents);
  }

  /**
   * As {@link #pin(String, String, long, Optional, OpenIntents)}, for a pin that is to be found by
   * its owner.
   *
   * @param uuid of the owner; drawn at random, and used for no other pin of the checkpoint
   */
  public Pin pin(
      String job,
      String checkpoint,
      UUID uuid,
      long from,
      Optional<Long> to,
      OpenIntents openIntents)
      throws IOException, InterruptedException {
    Names.check("job", job);
    Names.check("checkpoint", checkpoint);
    checkRange(stream.refresh(), from, to);
    ObjectKey key = StreamKeys.pin(job, checkpoint, uuid);
    Pin pin = new Pin(key, job, checkpoint, from, to, stream.environment().clock().millis());
    put(pin);
    try {
      makeSure(pin, openIntents);
    } catch (IOException | RuntimeException | InterruptedException e) {
      abandon(pin, e);
      throw e;
    }
    return pin;
  }

  /** Ends a pin. Its steps may be gone as soon as this is called. */
  public void release(Pin pin) throws IOException {
    stream.store().delete(pin.key());
  }

  /**
   * Ends all pins of a checkpoint, readable or not.
   *
   * @return how many they were
   */
  public int releaseAll(String job, String checkpoint) throws IOException {
    List<ObjectKey> keys = keys(job, checkpoint);
    for (ObjectKey key : keys) {
      stream.store().delete(key);
    }
    return keys.size();
  }

  /** The keys of the pins of a checkpoint, readable or not. */
  public List<ObjectKey> keys(String job, String checkpoint) throws IOException {
    Names.check("job", job);
    Names.check("checkpoint", checkpoint);
    StreamKeys.Pinned wanted = new StreamKeys.Pinned(job, checkpoint);
    return keys(job).filter(key -> StreamKeys.pinned(key).equals(Optional.of(wanted))).toList();
  }

  /** The checkpoints that a job has pins of, readable or not. */
  public Set<String> checkpoints(String job) throws IOException {
    Names.check("job", job);
    return keys(job)
        .flatMap(key -> StreamKeys.pinned(key).stream())
        .map(StreamKeys.Pinned::checkpoint)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Stream<ObjectKey> keys(String job) throws IOException {
    return stream.store().list(StreamKeys.pins(job), Optional.empty()).stream()
        .map(ObjectInfo::key);
  }

  /** All pins, also of jobs that are no more. */
  public PinListing list() throws IOException {
    List<Pin> pins = new ArrayList<>();
    List<PinListing.BrokenPin> broken = new ArrayList<>();
    for (ObjectInfo info : stream.store().list(StreamKeys.PINS, Optional.empty())) {
      try {
        pins.add(
            PinJson.decode(
                stream.id(),
                info.key(),
                stream.store().get(info.key(), Limits.SMALL_OBJECT_BYTES)));
      } catch (CorruptObjectException e) {
        broken.add(new PinListing.BrokenPin(info.key().value(), String.valueOf(e.getMessage())));
      } catch (ObjectNotFoundException e) {
        // Released since it was listed.
      }
    }
    return new PinListing(pins, broken);
  }

  private static void checkRange(StreamState state, long from, Optional<Long> to) {
    if (from < 0 || to.filter(end -> end <= from).isPresent()) {
      throw new InvalidRequestException(
          "there are no steps [" + from + ", " + to.map(String::valueOf).orElse("…") + ")");
    }
    if (from > state.nextStep()) {
      throw new InvalidRequestException(
          "step " + from + " is beyond the tail: the stream has " + state.nextStep() + " steps");
    }
    if (from < state.firstReadable()) {
      throw trimmed(from, state.firstReadable());
    }
  }

  private void put(Pin pin) throws IOException {
    try {
      // EXISTS can only be an attempt of our own: the UUID is fresh.
      new CertainPut(stream).put(pin.key(), PinJson.encode(stream.id(), pin));
    } catch (CommitOutcomeUnknownException e) {
      throw new IOException(
          "the store did not say whether the pin "
              + pin.key()
              + " was written: nothing relies on it; try again, and release it if it shows up",
          e);
    }
  }

  /** The pin is there; whatever the log says from now on has been written in its sight. */
  private void makeSure(Pin pin, OpenIntents openIntents) throws IOException, InterruptedException {
    for (int cancelled = 0; cancelled <= MAX_CANCELLED; cancelled++) {
      StreamState state = stream.refresh();
      if (state.firstReadable() > pin.from()) {
        throw trimmed(pin.from(), state.firstReadable());
      }
      Optional<OpenIntent> above = state.intent().filter(intent -> intent.to() > pin.from());
      if (above.isEmpty()) {
        return;
      }
      if (openIntents == OpenIntents.RESPECT) {
        throw new StepUnavailableException(
            "step "
                + pin.from()
                + " can't be pinned: version "
                + above.get().version()
                + " announces a trim to "
                + above.get().to()
                + "; cancel it, or pin a later step");
      }
      cancel(above.get());
    }
    throw new StepUnavailableException(
        "step "
            + pin.from()
            + " can't be pinned: a trim above it was announced again and again, "
            + MAX_CANCELLED
            + " times; stop who does that");
  }

  private void cancel(OpenIntent intent) throws IOException, InterruptedException {
    try {
      new StreamControl(stream).commit(new Action.CancelIntent(intent.version()));
    } catch (CommitRejectedException e) {
      // It is open no more: look again at what became of it.
    }
  }

  private static StepUnavailableException trimmed(long from, long firstReadable) {
    return new StepUnavailableException(
        "step "
            + from
            + " can't be pinned, it was trimmed: the first readable step is "
            + firstReadable);
  }

  private void abandon(Pin pin, Exception why) {
    try {
      release(pin);
    } catch (IOException | RuntimeException e) {
      why.addSuppressed(new IOException("the pin " + pin.key() + " is still there; release it", e));
    }
  }
}
