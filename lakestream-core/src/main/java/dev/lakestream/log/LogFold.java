// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.StreamKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The fold over the log: entry after entry, from the document of the stream or from a snapshot.
 *
 * <p>Keeps invariant 3 as far as the log goes: the chain of digests is checked entry by entry, and
 * a history that was replaced is an error. Not thread-safe.
 */
public final class LogFold implements Ledger {
  private final Ledger base;
  private final Map<String, Touched> producers = new HashMap<>();
  private final Map<String, Long> keys = new HashMap<>();
  private StreamState state;

  /**
   * A producer that an entry said something of.
   *
   * @param version of the latest such entry; a retirement is no entry of the producer's own
   */
  private record Touched(ProducerState producer, long version) {}

  /**
   * What a fold has made of the entries since its beginning; immutable.
   *
   * @param producers those that the entries touched, by id
   * @param keys the idempotence keys of the entries, with the version of each
   */
  public record Folded(
      StreamState state, Map<String, ProducerState> producers, Map<String, Long> keys) {
    public Folded {
      producers = Map.copyOf(producers);
      keys = Map.copyOf(keys);
    }
  }

  private LogFold(StreamState state, Ledger base) {
    this.state = state;
    this.base = base;
  }

  /** A fold that begins before version 0. */
  public static LogFold begin(StreamDocument document, Digest digest) {
    return new LogFold(StreamState.initial(document, digest), Ledger.EMPTY);
  }

  /** A fold that goes on after a snapshot. */
  public static LogFold resume(StreamState snapshot, Ledger ledger) {
    return new LogFold(snapshot, ledger);
  }

  public StreamState state() {
    return state;
  }

  /**
   * Applies the next entry.
   *
   * @param content its bytes
   * @return what became of it
   * @throws CorruptObjectException if it is malformed or does not continue the chain
   */
  public Verdict apply(byte[] content) {
    long version = state.version() + 1;
    String object = StreamKeys.entry(version).value();
    LogEntry entry = EntryJson.decode(object, version, content);
    if (!entry.prev().equals(state.digest())) {
      throw new CorruptObjectException(
          object,
          "it follows an entry with digest "
              + entry.prev()
              + ", its predecessor has "
              + state.digest()
              + ": the history was damaged or replaced");
    }
    Digest digest = Digest.of(content);
    Optional<String> problem = Validity.problem(state, this, entry);
    if (problem.isEmpty()) {
      applyValid(entry);
    }
    state = at(version, digest);
    return new Verdict(entry, digest, problem);
  }

  /**
   * Why this entry would be void if it were the next, or empty; for writers, before they put it.
   */
  public Optional<String> problemOf(LogEntry entry) {
    return Validity.problem(state, this, entry);
  }

  @Override
  public Optional<ProducerState> producer(String id) {
    Touched known = producers.get(id);
    return known != null ? Optional.of(known.producer()) : base.producer(id);
  }

  @Override
  public Optional<Long> versionOfKey(String idempotenceKey) {
    Long version = keys.get(idempotenceKey);
    return version != null ? Optional.of(version) : base.versionOfKey(idempotenceKey);
  }

  /** What became of the entries since the beginning of this fold. */
  public Folded folded() {
    Map<String, ProducerState> touched = new HashMap<>();
    producers.forEach((id, last) -> touched.put(id, last.producer()));
    return new Folded(state, touched, keys);
  }

  /**
   * The same fold as if it had begun with a snapshot of a version that it has passed.
   *
   * @param snapshot what that snapshot knows
   */
  public LogFold rebased(Ledger snapshot, long version) {
    LogFold rebased = new LogFold(state, snapshot);
    producers.forEach(
        (id, last) -> {
          if (last.version() > version) {
            rebased.producers.put(id, last);
          }
        });
    keys.forEach(
        (key, made) -> {
          if (made > version) {
            rebased.keys.put(key, made);
          }
        });
    return rebased;
  }

  private void applyValid(LogEntry entry) {
    StreamState reached = Transition.afterSteps(state, entry);
    for (Action action : entry.actions()) {
      reached = Transition.afterAction(reached, entry.version(), action);
    }
    // All look-ups come first: one may fail, and must not leave half of the entry behind.
    Map<String, ProducerState> touched = new HashMap<>();
    entry.producer().ifPresent(stamp -> touched.put(stamp.id(), continued(entry, stamp)));
    for (Action action : entry.actions()) {
      if (action instanceof Action.Retire retire) {
        touched.put(retire.producer(), retired(retire.producer(), touched));
      }
    }
    touched.forEach((id, producer) -> producers.put(id, new Touched(producer, entry.version())));
    entry.idempotence().ifPresent(key -> keys.put(key, entry.version()));
    state = reached;
  }

  private ProducerState continued(LogEntry entry, ProducerStamp stamp) {
    Optional<ProducerState> known = producer(stamp.id());
    String position = entry.state().orElse(known.map(ProducerState::state).orElse(""));
    return new ProducerState(
        stamp.id(),
        stamp.epoch(),
        stamp.sequence(),
        position,
        attachmentsAfter(entry, stamp, known),
        entry.version(),
        entry.time(),
        false);
  }

  /** An opening keeps what the former life left; each further entry replaces it. */
  private static List<Attachment> attachmentsAfter(
      LogEntry entry, ProducerStamp stamp, Optional<ProducerState> known) {
    return stamp.opens()
        ? known.map(ProducerState::attachments).orElse(List.of())
        : entry.attachments();
  }

  private ProducerState retired(String id, Map<String, ProducerState> touched) {
    ProducerState known = touched.containsKey(id) ? touched.get(id) : producer(id).orElseThrow();
    return new ProducerState(
        id,
        known.epoch(),
        known.sequence(),
        known.state(),
        known.attachments(),
        known.version(),
        known.time(),
        true);
  }

  private StreamState at(long version, Digest digest) {
    return new StreamState(
        version,
        digest,
        state.time(),
        state.totals(),
        state.firstOwn(),
        state.firstReadable(),
        state.sealed(),
        state.schemas(),
        state.defaults(),
        state.skips(),
        state.intent());
  }
}
