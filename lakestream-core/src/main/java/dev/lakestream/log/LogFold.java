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
  private final Map<String, ProducerState> producers = new HashMap<>();
  private final Map<String, Long> keys = new HashMap<>();
  private StreamState state;

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
    ProducerState known = producers.get(id);
    return known != null ? Optional.of(known) : base.producer(id);
  }

  @Override
  public boolean hasKey(String idempotenceKey) {
    return keys.containsKey(idempotenceKey) || base.hasKey(idempotenceKey);
  }

  /** The producers that entries since the beginning of this fold have touched. */
  public Map<String, ProducerState> touchedProducers() {
    return Map.copyOf(producers);
  }

  /** The idempotence keys since the beginning of this fold, with the version of their commit. */
  public Map<String, Long> newKeys() {
    return Map.copyOf(keys);
  }

  private void applyValid(LogEntry entry) {
    StreamState reached = Transition.afterSteps(state, entry);
    for (Action action : entry.actions()) {
      reached = Transition.afterAction(reached, entry.version(), action);
    }
    entry.producer().ifPresent(stamp -> producers.put(stamp.id(), continued(entry, stamp)));
    for (Action action : entry.actions()) {
      if (action instanceof Action.Retire retire) {
        producers.put(retire.producer(), retired(retire.producer()));
      }
    }
    entry.idempotence().ifPresent(key -> keys.put(key, entry.version()));
    state = reached;
  }

  private ProducerState continued(LogEntry entry, ProducerStamp stamp) {
    Optional<ProducerState> known = producer(stamp.id());
    String position = entry.state().orElse(known.map(ProducerState::state).orElse(""));
    List<Attachment> attachments =
        stamp.opens()
            ? known.map(ProducerState::attachments).orElse(List.of())
            : entry.attachments();
    return new ProducerState(
        stamp.id(),
        stamp.epoch(),
        stamp.sequence(),
        position,
        attachments,
        entry.version(),
        entry.time(),
        false);
  }

  private ProducerState retired(String id) {
    ProducerState known = producer(id).orElseThrow();
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
        state.firstReadable(),
        state.sealed(),
        state.schemas(),
        state.defaults(),
        state.skips(),
        state.intent());
  }
}
