// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectKey;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The one predicate {@code valid(state, entry)}, rule by rule as numbered in {@code docs/format.md}
 * §6. All clients in all languages must agree on it, or they would see different streams. Pure.
 */
final class Validity {
  private final StreamState state;
  private final Ledger ledger;
  private final LogEntry entry;

  private Validity(StreamState state, Ledger ledger, LogEntry entry) {
    this.state = state;
    this.ledger = ledger;
    this.entry = entry;
  }

  /** Why the entry is void, or empty if it is valid. */
  static Optional<String> problem(StreamState state, Ledger ledger, LogEntry entry) {
    Validity validity = new Validity(state, ledger, entry);
    return validity
        .timeProblem()
        .or(validity::totalsProblem)
        .or(validity::producerProblem)
        .or(validity::idempotenceProblem)
        .or(validity::sealProblem)
        .or(validity::bundlesProblem)
        .or(validity::actionsProblem)
        .or(validity::repeatProblem);
  }

  /** Rule 1. */
  private Optional<String> timeProblem() {
    return when(
        entry.time() < state.time(),
        () ->
            "its time "
                + entry.time()
                + " is before "
                + state.time()
                + ", that of its predecessor");
  }

  /** Rule 2. Keeps invariant 2: steps are dense. */
  private Optional<String> totalsProblem() {
    return when(
        !entry.before().equals(state.totals()),
        () -> "it begins at " + entry.before() + ", the stream is at " + state.totals());
  }

  /** Rule 3. Keeps invariant 6: one session at a time, each of its entries once and in order. */
  private Optional<String> producerProblem() {
    if (entry.producer().isEmpty()) {
      return Optional.empty();
    }
    ProducerStamp stamp = entry.producer().get();
    Optional<ProducerState> known = ledger.producer(stamp.id());
    return stamp.opens() ? openingProblem(stamp, known) : continuingProblem(stamp, known);
  }

  private Optional<String> openingProblem(ProducerStamp stamp, Optional<ProducerState> known) {
    long epoch = known.map(ProducerState::epoch).orElse(0L) + 1;
    return when(
            stamp.epoch() != epoch,
            () ->
                "it opens epoch " + stamp.epoch() + " of " + stamp.id() + ", the next is " + epoch)
        .or(
            () ->
                when(
                    entry.state().isPresent()
                        || !entry.attachments().isEmpty()
                        || !entry.content().isEmpty()
                        || entry.idempotence().isPresent(),
                    () -> "it opens a session and carries more than that"));
  }

  private static Optional<String> continuingProblem(
      ProducerStamp stamp, Optional<ProducerState> known) {
    if (known.isEmpty()) {
      return Optional.of("producer " + stamp.id() + " has never opened a session");
    }
    ProducerState producer = known.get();
    return when(producer.retired(), () -> "producer " + stamp.id() + " is retired")
        .or(() -> epochProblem(stamp, producer))
        .or(() -> sequenceProblem(stamp, producer));
  }

  /** Fences former lives. */
  private static Optional<String> epochProblem(ProducerStamp stamp, ProducerState producer) {
    return when(
        stamp.epoch() != producer.epoch(),
        () -> "its epoch is " + stamp.epoch() + ", the producer's is " + producer.epoch());
  }

  /** Makes each commit appear once. */
  private static Optional<String> sequenceProblem(ProducerStamp stamp, ProducerState producer) {
    return when(
        stamp.sequence() != producer.sequence() + 1,
        () ->
            "its sequence is "
                + stamp.sequence()
                + ", the producer's last was "
                + producer.sequence());
  }

  /** Rule 4. */
  private Optional<String> idempotenceProblem() {
    return entry
        .idempotence()
        .filter(ledger::hasKey)
        .map(key -> "a commit with the idempotence key '" + key + "' has been made");
  }

  /** Rule 5. */
  private Optional<String> sealProblem() {
    return when(state.sealed() && goesOn(), () -> "the stream is sealed");
  }

  /** Whether the entry is one that no sealed stream may have. */
  private boolean goesOn() {
    return entry.content().totals().steps() > 0
        || entry.actions().stream()
            .anyMatch(
                action ->
                    action instanceof Action.AddSchema
                        || action instanceof Action.Defaults
                        || action instanceof Action.Seal);
  }

  /** Rule 6. Keeps the ownership of keys, on which invariant 8 rests. */
  private Optional<String> bundlesProblem() {
    List<BundleDescriptor> bundles =
        entry.content() instanceof CommitContent.Inline inline ? inline.bundles() : List.of();
    List<SegmentRef> segments =
        entry.content() instanceof CommitContent.Segmented segmented
            ? segmented.segments()
            : List.of();
    if (bundles.isEmpty() && segments.isEmpty() && entry.attachments().isEmpty()) {
      return Optional.empty();
    }
    ProducerStamp stamp = entry.producer().orElseThrow();
    Set<ObjectKey> kept = new HashSet<>();
    ledger
        .producer(stamp.id())
        .ifPresent(
            known ->
                known.attachments().forEach(attachment -> kept.add(attachment.bundle().key())));
    boolean repeats = entry.repeat().isPresent();
    return Stream.concat(
            bundles.stream()
                .map(
                    bundle ->
                        bundleProblem(
                            bundle, stamp, kept, repeats && StreamKeys.isBundle(bundle.key()))),
            entry.attachments().stream()
                .map(attachment -> bundleProblem(attachment.bundle(), stamp, kept, false)))
        .flatMap(Optional::stream)
        .findFirst()
        .or(
            () ->
                segments.stream()
                    .map(SegmentRef::key)
                    .filter(key -> !StreamKeys.isOwned(key, stamp.id(), stamp.epoch(), true))
                    .map(key -> "the segment " + key + " is not " + stamp + "'s")
                    .findFirst())
        .or(() -> repeatedKey(bundles.stream().map(BundleDescriptor::key)))
        .or(() -> repeatedKey(segments.stream().map(SegmentRef::key)));
  }

  private Optional<String> bundleProblem(
      BundleDescriptor bundle, ProducerStamp stamp, Set<ObjectKey> kept, boolean mayBeRepeated) {
    return when(
            bundle.schema() >= state.schemas().size(),
            () -> "schema " + bundle.schema() + " of " + bundle.key() + " is unknown")
        .or(
            () ->
                when(
                    !kept.contains(bundle.key())
                        && !mayBeRepeated
                        && !StreamKeys.isOwned(bundle.key(), stamp.id(), stamp.epoch(), false),
                    () -> "the bundle " + bundle.key() + " is not " + stamp + "'s"));
  }

  private static Optional<String> repeatedKey(Stream<ObjectKey> keys) {
    Set<ObjectKey> seen = new HashSet<>();
    return keys.filter(key -> !seen.add(key)).map(key -> key + " appears twice").findFirst();
  }

  /** Rule 7. */
  private Optional<String> actionsProblem() {
    StreamState reached = Transition.afterSteps(state, entry);
    for (Action action : entry.actions()) {
      Optional<String> problem = actionProblem(reached, action);
      if (problem.isPresent()) {
        return problem;
      }
      reached = Transition.afterAction(reached, entry.version(), action);
    }
    return Optional.empty();
  }

  private Optional<String> actionProblem(StreamState reached, Action action) {
    if (action instanceof Action.AddSchema add) {
      return reached
          .schema()
          .problemOfEvolution(add.schema())
          .map(problem -> "the schema does not evolve the stream's: " + problem);
    } else if (action instanceof Action.Skip skip) {
      return when(
          skip.from() >= skip.to() || skip.to() > reached.nextStep(),
          () ->
              "it skips ["
                  + skip.from()
                  + ", "
                  + skip.to()
                  + ") of "
                  + reached.nextStep()
                  + " steps");
    } else if (action instanceof Action.TrimIntent intent) {
      return when(
          intent.to() > reached.nextStep() || intent.to() < reached.firstReadable(),
          () -> "it intends to trim to " + intent.to());
    } else if (action instanceof Action.CancelIntent cancel) {
      return when(
          !isOpen(reached, cancel.intent()),
          () -> "the intent " + cancel.intent() + " is not open");
    } else if (action instanceof Action.Trim trim) {
      return when(
          !isOpen(reached, trim.intent())
              || trim.to() < reached.firstReadable()
              || trim.to() > reached.intent().orElseThrow().to(),
          () -> "it trims to " + trim.to() + " without an open intent for that");
    } else if (action instanceof Action.Seal) {
      return when(reached.sealed(), () -> "the stream is sealed");
    } else if (action instanceof Action.Retire retire) {
      return retireProblem(retire);
    }
    return Optional.empty();
  }

  private Optional<String> retireProblem(Action.Retire retire) {
    Optional<Long> epoch =
        entry
            .producer()
            .filter(stamp -> stamp.id().equals(retire.producer()))
            .map(ProducerStamp::epoch)
            .or(() -> ledger.producer(retire.producer()).map(ProducerState::epoch));
    return when(
        !epoch.equals(Optional.of(retire.epoch())),
        () -> "it retires epoch " + retire.epoch() + " of " + retire.producer());
  }

  /** Rule 8. Keeps invariant 8: what is repeated is readable, so nobody has deleted it. */
  private Optional<String> repeatProblem() {
    return entry
        .repeat()
        .filter(
            range ->
                range.from() < Math.max(state.firstReadable(), state.firstOwn())
                    || range.from() >= range.to()
                    || range.to() > state.nextStep())
        .map(
            range ->
                "it repeats the steps ["
                    + range.from()
                    + ", "
                    + range.to()
                    + "), those from "
                    + Math.max(state.firstReadable(), state.firstOwn())
                    + " to "
                    + state.nextStep()
                    + " may be repeated");
  }

  private static boolean isOpen(StreamState state, long intent) {
    return state.intent().filter(open -> open.version() == intent).isPresent();
  }

  /** A problem is put into words only where there is one: as a rule there is none. */
  private static Optional<String> when(boolean violated, Supplier<String> problem) {
    return violated ? Optional.of(problem.get()) : Optional.empty();
  }
}
