// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.log.Action;
import dev.lakestream.log.ProducerState;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Somebody who skips steps, adds columns, retires producers, and seals the stream perhaps. */
final class OperatorActor extends TurnTaker {
  private int marks;

  OperatorActor(Stage stage, String name, int turns) {
    super(stage, name, turns, 5);
  }

  @Override
  void takeTurn(SimulatedProcess process, LakeStream stream)
      throws IOException, InterruptedException {
    StreamControl control = new StreamControl(stream);
    String mark = name() + "-" + marks++ + "!";
    switch (stage().random().nextInt(8)) {
      case 0 -> {
        // Later schemas have the column too, but not as their last.
        String last = "\"name\":\"" + mark + "\",\"type\":{\"name\":\"int32\"},\"nullable\":true}]";
        commit(control, "schema", last, new Action.AddSchema(evolved(stream, mark)));
      }
      case 1 -> retire(stream, control);
      case 2 -> {
        if (stage().chance(0.3)) {
          commit(control, "seal", "", new Action.Seal());
        }
      }
      default -> {
        if (stream.state().nextStep() > 0) {
          long to = 1 + stage().random().nextLong(stream.state().nextStep());
          commit(control, "skip", mark, new Action.Skip(stage().random().nextLong(to), to, mark));
        }
      }
    }
  }

  private void retire(LakeStream stream, StreamControl control)
      throws IOException, InterruptedException {
    List<ProducerState> producers;
    try {
      producers = stream.producers();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    if (!producers.isEmpty()) {
      ProducerState producer = producers.get(stage().random().nextInt(producers.size()));
      commit(control, "retire", "", new Action.Retire(producer.id(), producer.epoch()));
    }
  }

  private static StreamSchema evolved(LakeStream stream, String mark) {
    StreamSchema newest = stream.state().schema();
    List<Field> fields = new ArrayList<>(newest.fields());
    fields.add(Field.nullable(mark, ColumnType.Simple.INT32));
    return new StreamSchema(newest.id() + 1, fields, newest.sequence(), newest.boundaries());
  }

  private void commit(StreamControl control, String type, String mark, Action action)
      throws IOException, InterruptedException {
    Testimony.Outcome outcome = Testimony.Outcome.UNKNOWN;
    Optional<Long> version = Optional.empty();
    try {
      version = Optional.of(control.commit(action));
      outcome = Testimony.Outcome.MADE;
    } catch (CommitOutcomeUnknownException e) {
      throw e;
    } catch (CommitRejectedException | IOException e) {
      outcome = Testimony.Outcome.NOT_MADE;
      throw e;
    } finally {
      stage().testimony().operated(new Testimony.Operation(type, mark, outcome, version));
    }
  }
}
