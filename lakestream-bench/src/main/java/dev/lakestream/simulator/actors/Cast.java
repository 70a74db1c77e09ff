// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.retention.Vacuum;
import dev.lakestream.retention.VacuumOptions;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.simulator.checker.Audit;
import dev.lakestream.simulator.checker.ForkTestimony;
import dev.lakestream.simulator.world.Population;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.store.FolderStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Who plays in a world: as many of each kind as its profile says. */
public final class Cast {
  private static final StreamDefinition DEFINITION =
      StreamDefinition.of(List.of(Field.required("row", ColumnType.Simple.INT64)), 2);

  private final Stage stage;

  public Cast(Stage stage) {
    this.stage = stage;
  }

  /** Creates the stream; nothing goes wrong yet. */
  public void prologue() {
    stage
        .world()
        .spawn(
            "founder",
            0,
            process -> LakeStream.create(stage.client(process), DEFINITION, process.environment()),
            Cast::mustNotFail);
    stage.world().run();
  }

  /** Everybody acts until there is nothing left to do. */
  public void play(Population people) {
    int turns = people.turns();
    enter(people.producers(), 1, i -> new ProducerActor(stage, "p" + i, people));
    enter(people.readers(), 1, i -> new ReaderActor(stage, "reader" + i, people.maxLead() > 0));
    enter(people.folders(), 20, i -> new FolderActor(stage, "folder" + i, turns));
    enter(people.operators(), 10, i -> new OperatorActor(stage, "operator" + i, turns));
    enter(people.sweepers(), 20, i -> new SweeperActor(stage, "sweeper" + i, turns));
    enter(people.rogues(), 5, i -> new RogueActor(stage, "rogue" + i, turns + 1));
    enter(people.vacuums(), 20, i -> new VacuumActor(stage, "vacuum" + i, turns));
    enter(people.trainers(), 10, i -> new TrainerActor(stage, "trainer" + i, turns));
    enter(people.forkers(), 10, i -> new ForkActor(stage, "forker" + i, turns));
    enter(people.repeaters(), 10, i -> new RepeatActor(stage, "again" + i, turns));
    stage.world().run();
  }

  private void enter(int count, int whiles, IntFunction<Actor> actor) {
    for (int i = 0; i < count; i++) {
      actor.apply(i).begin(whiles * stage.awhile());
    }
  }

  /** Opens the stream when all is over, and reads all steps. */
  public Audit epilogue() {
    Audit[] found = new Audit[1];
    stage.world().spawn("auditor", 0, process -> found[0] = audit(process), Cast::mustNotFail);
    stage.world().run();
    return found[0];
  }

  /** Fences everybody and deletes all that nobody needs. */
  public void cleanUp() {
    stage.world().spawn("cleaner", 0, this::cleanUp, Cast::mustNotFail);
    stage.world().run();
  }

  private void cleanUp(SimulatedProcess process) throws IOException, InterruptedException {
    LakeStream stream = stage.open(process);
    VacuumOptions options =
        new VacuumOptions(Optional.empty(), Duration.ZERO, Duration.ZERO, Duration.ZERO, false);
    for (int i = 0; i < 2; i++) {
      process.pause(Duration.ofSeconds(1));
      new Vacuum(stream, options).run();
    }
  }

  private Audit audit(SimulatedProcess process) throws IOException {
    LakeStream stream = stage.open(process);
    for (long step = stream.state().firstReadable(); step < stream.state().nextStep(); step++) {
      CommittedGroup group = stream.groupOf(step);
      stage.testimony().observed(Stage.observation(process.name(), group, step));
    }
    for (ForkTestimony said : stage.testimony().forks()) {
      if (said.isThere()) {
        LakeStream fork = LakeStream.open(storeOf(said, stream.store()), process.environment());
        ForkActor.read(stage, process, fork, said, fork.firstReadable());
      }
    }
    return new Audit(stream.state(), stream.producers());
  }

  private static ObjectStore storeOf(ForkTestimony fork, ObjectStore stream) {
    ObjectStore parent = fork.parent().map(of -> storeOf(of, stream)).orElse(stream);
    return FolderStore.ofFork(parent, fork.name());
  }

  private static void mustNotFail(SimulatedProcess process, @Nullable Throwable failure) {
    if (failure != null) {
      throw new dev.lakestream.simulator.checker.Violation(
          10, process.name() + " failed although nothing goes wrong: " + failure, failure);
    }
  }
}
