// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.RunLayout;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Totals;
import dev.lakestream.simulator.checker.RowRange;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Somebody else's client, which puts entries without asking whether they are valid: well-formed,
 * behind the tail, and void. All others have to pass over them.
 */
final class RogueActor extends TurnTaker {
  private static final long ROWS = 1;

  RogueActor(Stage stage, String name, int turns) {
    super(stage, name, turns, 1);
  }

  @Override
  void takeTurn(SimulatedProcess process, LakeStream stream) throws IOException {
    try {
      intrude(process, stream);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void intrude(SimulatedProcess process, LakeStream stream) throws IOException {
    List<ProducerState> producers = stream.producers();
    if (producers.isEmpty()) {
      return;
    }
    ProducerState victim = producers.get(stage().random().nextInt(producers.size()));
    Optional<LogEntry> entry = draft(process, stream.state(), victim);
    if (entry.isPresent()) {
      stream
          .store()
          .putIfAbsent(StreamKeys.entry(entry.get().version()), EntryJson.encode(entry.get()));
    }
  }

  /**
   * An entry that is void whatever the code thinks that is drafted here; empty if there is none.
   */
  private Optional<LogEntry> draft(
      SimulatedProcess process, StreamState state, ProducerState victim) throws IOException {
    UUID id = process.environment().uuids().get();
    LogEntry next = LogEntry.after(state, id, process.millis());
    String producer = victim.id();
    long epoch = victim.epoch();
    long sequence = victim.sequence() + 1;
    ProducerStamp stamp = new ProducerStamp(producer, epoch, sequence);
    return switch (stage().random().nextInt(8)) {
      case 0 ->
          epoch > 1
              ? with(process, next, victim, new ProducerStamp(producer, epoch - 1, sequence))
              : Optional.empty();
      case 1 -> with(process, next, victim, new ProducerStamp(producer, epoch, sequence + 1));
      case 2 ->
          sequence > 1
              ? with(process, next, victim, new ProducerStamp(producer, epoch, sequence - 1))
              : Optional.empty();
      case 3 -> with(process, at(next, state.time() - 1, next.before()), victim, stamp);
      case 4 -> {
        Totals off =
            new Totals(state.nextStep() + 1, state.totals().rows(), state.totals().tokens());
        yield with(process, at(next, next.time(), off), victim, stamp);
      }
      case 5 -> with(process, next, victim, stamp, "somebody-else");
      case 6 ->
          state.sealed() || victim.retired()
              ? with(process, next, victim, stamp)
              : Optional.empty();
      default ->
          Optional.of(
              next.with(
                  new ProducerStamp(producer, epoch, 0),
                  Optional.empty(),
                  List.of(),
                  Optional.empty(),
                  CommitContent.none()));
    };
  }

  private static LogEntry at(LogEntry entry, long time, Totals before) {
    return new LogEntry(
        entry.version(),
        entry.id(),
        entry.prev(),
        time,
        entry.writer(),
        entry.requires(),
        entry.producer(),
        entry.state(),
        entry.attachments(),
        entry.idempotence(),
        before,
        entry.repeat(),
        entry.content(),
        entry.actions());
  }

  private Optional<LogEntry> with(
      SimulatedProcess process, LogEntry entry, ProducerState victim, ProducerStamp stamp)
      throws IOException {
    return with(process, entry, victim, stamp, victim.id());
  }

  /** The entry with a step whose bundle is there, under a key of this owner. */
  private Optional<LogEntry> with(
      SimulatedProcess process,
      LogEntry entry,
      ProducerState victim,
      ProducerStamp stamp,
      String owner)
      throws IOException {
    long from = Testimony.position(victim.state());
    RowRange rows = new RowRange(victim.id(), from, from + ROWS);
    ObjectKey key = StreamKeys.bundle(owner, stamp.epoch(), process.environment().uuids().get());
    byte[] content = rows.toString().getBytes(StandardCharsets.UTF_8);
    stage().client(process).putIfAbsent(key, content);
    BundleDescriptor bundle =
        new BundleDescriptor(
            key,
            Limits.SMALL_OBJECT_BYTES,
            BundleFormat.ARROW,
            0,
            1,
            2,
            1,
            new RunLayout.Strided(64, 64, 2));
    StepRecord record =
        new StepRecord(
            ROWS,
            ROWS,
            StepRecord.UNSAID,
            Digest.of(content),
            java.util.Map.of(),
            List.of(rows.toString()),
            java.util.Map.of());
    return Optional.of(
        entry.with(
            stamp,
            Optional.of(rows.to() + "#" + name() + left()),
            List.of(),
            Optional.empty(),
            new CommitContent.Inline(
                List.of(bundle), List.of(new StepGroup.BundleGroup(0, List.of(record))))));
  }
}
