// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.FencedException;
import dev.lakestream.log.Attachment;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.world.Population;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A producer with a source of numbered rows. It commits them in order, keeps left-over rows as
 * attachments now and then, and after a crash goes on where the log says that it got to. What
 * supervises it may start a second life while the first is only asleep.
 */
final class ProducerActor extends Actor {
  private static final int MOST_LIVES = 6;

  private final Population people;
  private final int rows;
  private int alive;
  private boolean done;

  ProducerActor(Stage stage, String id, Population people) {
    super(stage, id);
    this.people = people;
    this.rows = people.rows();
    stage.workBegins();
  }

  /** What supervises it takes a sleeping life for a dead one now and then. */
  @Override
  void begin(long delay) {
    alive++;
    super.begin(delay);
    if (stage().chance(stage().world().faults().profile().zombie()) && lives() < MOST_LIVES) {
      stage().world().later(delay + 20 * stage().awhile(), this::beginBesideOneself);
    }
  }

  private void beginBesideOneself() {
    if (!done) {
      alive++;
      super.begin(0);
    }
  }

  @Override
  void ended(SimulatedProcess process, @Nullable Throwable failure) {
    alive--;
    if (Stage.mayGoOn(process, failure)) {
      if (!done && alive == 0) {
        begin(stage().awhile());
      }
    } else if (!done) {
      done = true;
      stage().workEnds();
    }
  }

  @Override
  void live(SimulatedProcess process) throws IOException, InterruptedException {
    LakeStream stream = stage().open(process);
    if (stream.state().sealed()) {
      return;
    }
    ProducerSession session = ProducerSession.open(stream, name());
    stage()
        .testimony()
        .opened(
            new Testimony.Opening(
                name(),
                session.stamp().epoch(),
                session.state(),
                session.attachments().stream()
                    .map(attachment -> attachment.bundle().key().value())
                    .toList()));
    Patience patience = new Patience(stage(), name(), stream, people);
    while (position(session) < rows || !session.attachments().isEmpty()) {
      if (stage().chance(0.3)) {
        process.pause(Stage.duration(stage().awhile()));
      }
      patience.await();
      try {
        commitSome(process, session);
      } catch (CommitRejectedException e) {
        if (stream.state().sealed()) {
          return;
        }
        throw e;
      }
    }
  }

  private void commitSome(SimulatedProcess process, ProducerSession session)
      throws IOException, InterruptedException {
    Batch batch = new Batch(stage(), name(), session);
    batch.take(position(session), rows);
    batch.upload(process, stage().client(process));
    Testimony.Attempt attempt = stage().testimony().attempt(name(), batch.reached());
    try {
      CommitReceipt receipt = session.commit(batch.commit(attempt.state()));
      attempt.made(receipt.version(), receipt.firstStep(), receipt.steps());
    } catch (CommitOutcomeUnknownException e) {
      throw e;
    } catch (FencedException | CommitRejectedException e) {
      attempt.notMade();
      throw e;
    } catch (IOException e) {
      attempt.notMade();
      if (stage().chance(0.3)) {
        throw e;
      }
    }
  }

  private static long position(ProducerSession session) {
    return Testimony.position(session.state());
  }

  /** The rows that a producer left for its next commit. */
  static java.util.Optional<Attachment> rest(ProducerSession session) {
    return session.attachments().stream().findFirst();
  }
}
