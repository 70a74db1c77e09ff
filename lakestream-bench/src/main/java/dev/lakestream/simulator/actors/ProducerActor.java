// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.FencedException;
import dev.lakestream.log.Attachment;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A producer with a source of numbered rows. It commits them in order, keeps left-over rows as
 * attachments now and then, and after a crash goes on where the log says that it got to. What
 * supervises it may start a second life while the first is only asleep.
 */
final class ProducerActor {
  private final Stage stage;
  private final String id;
  private final long rows;
  private int lives;
  private int alive;
  private boolean done;

  ProducerActor(Stage stage, String id, long rows) {
    this.stage = stage;
    this.id = id;
    this.rows = rows;
  }

  void start() {
    stage.workBegins();
    begin(stage.awhile());
  }

  private void begin(long delay) {
    lives++;
    alive++;
    stage.world().spawn(id + "#" + lives, delay, this::live, this::ended);
    if (stage.chance(stage.world().faults().profile().zombie()) && lives < 6) {
      stage
          .world()
          .later(
              delay + 20 * stage.awhile(),
              () -> {
                if (!done) {
                  lives++;
                  alive++;
                  stage.world().spawn(id + "#" + lives, 0, this::live, this::ended);
                }
              });
    }
  }

  private void ended(SimulatedProcess process, @Nullable Throwable failure) {
    alive--;
    if (Stage.mayGoOn(process, failure)) {
      if (!done && alive == 0) {
        begin(stage.awhile());
      }
    } else if (!done) {
      done = true;
      stage.workEnds();
    }
  }

  private void live(SimulatedProcess process) throws IOException, InterruptedException {
    LakeStream stream = stage.open(process);
    if (stream.state().sealed()) {
      return;
    }
    ProducerSession session = ProducerSession.open(stream, id);
    stage
        .testimony()
        .opened(
            new Testimony.Opening(
                id,
                session.stamp().epoch(),
                session.state(),
                session.attachments().stream()
                    .map(attachment -> attachment.bundle().key().value())
                    .toList()));
    while (position(session) < rows || !session.attachments().isEmpty()) {
      if (stage.chance(0.3)) {
        process.pause(Stage.duration(stage.awhile()));
      }
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
    Batch batch = new Batch(stage, id, session);
    batch.take(position(session), rows);
    for (Batch.Upload upload : batch.uploads()) {
      upload(process, upload.key(), upload.content());
    }
    Testimony.Attempt attempt = stage.testimony().attempt(id, batch.reached());
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
      if (stage.chance(0.3)) {
        throw e;
      }
    }
  }

  /** Whatever the store says, the object is there when this returns (invariant 4). */
  private void upload(SimulatedProcess process, ObjectKey key, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    String result = "FINISHED";
    if (stage.chance(0.2)) {
      try (ObjectUpload upload = stage.client(process).upload(key)) {
        upload.write(ByteBuffer.wrap(bytes));
        upload.finish();
      }
    } else {
      result = stage.client(process).putIfAbsent(key, bytes).name();
    }
    stage.world().note(process.name(), "UPLOADED", content, result);
  }

  private static long position(ProducerSession session) {
    return Testimony.position(session.state());
  }

  /** The rows that a producer left for its next commit. */
  static java.util.Optional<Attachment> rest(ProducerSession session) {
    return session.attachments().stream().findFirst();
  }
}
