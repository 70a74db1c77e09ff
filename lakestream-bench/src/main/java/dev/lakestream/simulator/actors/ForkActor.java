// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StreamExistsException;
import dev.lakestream.fork.Forks;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.reader.Cursor;
import dev.lakestream.simulator.checker.ForkTestimony;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.checker.Violation;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Somebody who tries something else from some step on: forks the stream, reads through the fork
 * with a cursor from before, appends to it, forks it again perhaps, lets a vacuum trim it and take
 * away its garbage, reads again, and deletes it perhaps. Others use the same name now and then.
 */
final class ForkActor extends TurnTaker {
  private static final int LIMIT = 1 << 20;
  private static final int ROWS = 2;

  ForkActor(Stage stage, String name, int turns) {
    super(stage, name, turns, 5);
  }

  @Override
  void takeTurn(SimulatedProcess process, LakeStream stream)
      throws IOException, InterruptedException {
    long first = stream.state().firstReadable();
    long step = first + stage().random().nextLong(stream.state().nextStep() - first + 1);
    Optional<Cursor> cursor =
        step > first
            ? Optional.of(stream.cursor(first + 1 + stage().random().nextLong(step - first), -1))
            : Optional.empty();
    String name = stage().chance(0.2) ? "shared" : name() + "-" + left();
    Forks forks = new Forks(stream);
    LakeStream fork;
    try {
      fork = forks.create(name, step);
    } catch (StreamExistsException e) {
      stage().world().note(process.name(), "FORKED", name, "the name is taken");
      return;
    }
    ForkTestimony said = stage().testimony().forked(Optional.empty(), name, stage().changes());
    Optional<Testimony.Pin> relied = relyOn(name, fork);
    stage().world().note(process.name(), "FORKED", name, "at " + step);
    if (cursor.isPresent()) {
      read(stage(), process, fork, said, fork.check(cursor.get()).nextStep());
    }
    append(process, name, fork, said);
    process.pause(Stage.duration(10 * stage().awhile()));
    boolean forked = stage().chance(0.3) && forkAgain(process, fork, said);
    if (stage().chance(0.4)) {
      process.pause(Stage.duration(5 * stage().awhile()));
      fork.refresh();
      VacuumActor.vacuum(stage(), fork);
    }
    read(stage(), process, fork, said, fork.refreshFirstReadable());
    if (stage().chance(0.5)) {
      delete(forks, said, relied, forked);
    }
  }

  /** Forks the fork; somebody reads through both to the stream. */
  private boolean forkAgain(SimulatedProcess process, LakeStream fork, ForkTestimony said)
      throws IOException, InterruptedException {
    long first = fork.refreshFirstReadable();
    long step = first + stage().random().nextLong(fork.state().nextStep() - first + 1);
    LakeStream again = new Forks(fork).create("again", step);
    ForkTestimony saidAgain =
        stage().testimony().forked(Optional.of(said), "again", stage().changes());
    if (first < step) {
      said.pinned(
          "the fork again", Math.max(first, fork.state().firstReadable()), stage().changes());
    }
    stage().world().note(process.name(), "FORKED", said.name() + "/again", "at " + step);
    append(process, said.name() + "-again", again, saidAgain);
    read(stage(), process, again, saidAgain, again.refreshFirstReadable());
    return true;
  }

  /** A fork that has forks can't be deleted. */
  private void delete(
      Forks forks, ForkTestimony said, Optional<Testimony.Pin> relied, boolean forked)
      throws IOException {
    if (forked) {
      try {
        forks.delete(said.name());
      } catch (InvalidRequestException e) {
        return;
      }
      throw new Violation(8, "the fork " + said.name() + " was deleted, which has a fork itself");
    }
    said.deleted(stage().changes());
    relied.ifPresent(pin -> pin.released(stage().changes()));
    forks.delete(said.name());
  }

  /** What the fork may read of its parent is to be kept as if it were pinned. */
  private Optional<Testimony.Pin> relyOn(String name, LakeStream fork) {
    long from = fork.state().firstReadable();
    return from < fork.state().firstOwn()
        ? Optional.of(stage().testimony().pinned("the fork " + name, from, stage().changes()))
        : Optional.empty();
  }

  private void append(SimulatedProcess process, String name, LakeStream fork, ForkTestimony said)
      throws IOException, InterruptedException {
    String heir = "heir-of-" + name;
    ProducerSession session = ProducerSession.open(fork, heir);
    Batch batch = new Batch(stage(), heir, session);
    batch.take(0, ROWS);
    batch.upload(process, fork.store());
    String state = batch.reached() + "#" + name;
    CommitReceipt receipt = session.commit(batch.commit(state));
    said.committed(state, receipt.version(), receipt.firstStep());
    if (stage().chance(0.3)) {
      fork.writeSnapshot();
    }
  }

  /** Reads a fork from some step to its end, with the bytes of its bundles. */
  static void read(
      Stage stage, SimulatedProcess process, LakeStream fork, ForkTestimony said, long from)
      throws IOException {
    for (long step = from; step < fork.state().nextStep(); step++) {
      CommittedGroup group = fork.groupOf(step);
      List<String> content = new ArrayList<>();
      for (CellSource source : group.sources(step)) {
        content.add(content(fork, group, source.bundle(), step));
      }
      said.read(Stage.observation(process.name(), group, step), content);
    }
  }

  private static String content(
      LakeStream fork, CommittedGroup group, BundleDescriptor bundle, long step)
      throws IOException {
    try {
      return new String(fork.storeOf(group).get(bundle.key(), LIMIT), StandardCharsets.UTF_8);
    } catch (ObjectNotFoundException e) {
      throw new Violation(8, "a fork needs step " + step + ", " + bundle.key() + " is gone", e);
    }
  }
}
