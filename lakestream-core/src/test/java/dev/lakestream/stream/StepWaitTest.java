// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.log.Action;
import dev.lakestream.log.CommitContent;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.StreamFixture;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A step that does not come is an error that says whom one waits for. */
@Timeout(60)
class StepWaitTest extends StreamFixture {
  @Test
  void saysWhyAStepIsNotThereInTime() throws Exception {
    LakeStream stream = create();
    ProducerSession session = ProducerSession.open(stream, "tok-3");
    commit(session, 4213);
    LakeStream reader = open();
    int[] pauses = {0};
    LakeStream waiting =
        LakeStream.open(
            store,
            new Environment(
                time,
                time::uuid,
                pause -> {
                  time.pass(pause);
                  if (pauses[0]++ == 0) {
                    // While the reader waits, the producer commits once more, but no step.
                    time.pass(Duration.ofSeconds(73).minus(pause));
                    commitNothing(session);
                  }
                }));
    assertThat(reader.state()).isEqualTo(waiting.state());
    assertThatThrownBy(() -> waiting.awaitStep(4213, Duration.ofMinutes(2)))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessage(
            "step 4213 is not committed after 120 s: the tail is 4212; producer tok-3 last"
                + " committed 47 s ago");
  }

  private static void commitNothing(ProducerSession session) throws InterruptedException {
    try {
      session.commit(Commit.of(new CommitContent.Inline(List.of(), List.of()), "idle"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** That the step is late is what a rank has to know, whoever is to blame. */
  @Test
  void aStepIsLateAlsoIfNobodyCanReadWhoIsToBlame() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    writer.writeSnapshot();
    LakeStream reader = open();
    store.plan(Operation.GET, "segments/", Fault.REFUSED);
    assertThatThrownBy(() -> reader.awaitStep(2, Duration.ZERO))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("step 2 is not committed")
        .hasMessageContaining("could not be read");
    assertThat(store.openPlans()).isZero();
  }

  @Test
  void namesTheProducersThatCommittedLast() throws Exception {
    LakeStream stream = create();
    assertThatThrownBy(() -> stream.awaitStep(0, Duration.ZERO))
        .hasMessage(
            "step 0 is not committed after 0 s: the tail is -1; no producer has ever opened a"
                + " session");
    for (int i = 0; i < 5; i++) {
      ProducerSession.open(stream, "p" + i);
      time.pass(Duration.ofSeconds(1));
    }
    assertThatThrownBy(() -> stream.awaitStep(0, Duration.ZERO))
        .hasMessageEndingWith(
            "producer p4 last committed 1 s ago, producer p3 last committed 2 s ago, producer p2"
                + " last committed 3 s ago");
  }

  /** A clock that stands still, or is set back, must not make a rank wait for ever. */
  @Test
  void waitsNoLongerThanTheDeadlineWhateverTheClockDoes() throws Exception {
    create();
    VirtualTime frozen = new VirtualTime(2);
    Environment environment = new Environment(frozen, frozen::uuid, pause -> {});
    LakeStream reader = LakeStream.open(store, environment);
    assertThatThrownBy(() -> reader.awaitStep(0, Duration.ofSeconds(30)))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("after 30 s");
  }

  private interface Work {
    void run() throws Exception;
  }

  /** Time that passes in pauses, and at one of them something happens. */
  private Environment atPause(int number, int[] pauses, Work work) {
    return new Environment(
        time,
        time::uuid,
        pause -> {
          time.pass(pause);
          if (++pauses[0] == number) {
            try {
              work.run();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }
        });
  }

  @Test
  void waitsUntilAStepComes() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    int[] pauses = {0};
    Environment environment = atPause(20, pauses, () -> commit(session, 1));
    LakeStream reader = LakeStream.open(store, environment);
    assertThat(reader.awaitStep(0, Duration.ofMinutes(2))).isTrue();
    assertThat(pauses[0]).isEqualTo(20);
    new StreamControl(writer).commit(new Action.Seal());
    assertThat(reader.awaitStep(1, Duration.ofMinutes(2))).isFalse();
    assertThat(reader.awaitStep(0, Duration.ZERO)).isTrue();
  }

  /** A listing costs a dozen gets; who waits for long pays for one look in sixteen. */
  @Test
  void seldomListsTheHorizonWhileNothingIsCommitted() throws Exception {
    create();
    LakeStream reader = open();
    store.takeCounts();
    assertThatThrownBy(() -> reader.awaitStep(0, Duration.ofMinutes(10)))
        .isInstanceOf(StepUnavailableException.class);
    Map<String, Integer> counts = store.takeCounts();
    int looks = counts.get("GET log");
    assertThat(looks).isGreaterThan(64);
    assertThat(counts.get("LIST horizon")).isBetween(looks / 16, looks / 16 + 2);
  }

  /** What was removed while it slept is not taken for the tail for long. */
  @Test
  void whoWakesUpBelowTheHorizonWhileItWaitsGoesOnFromASnapshot() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    int[] pauses = {0};
    Environment environment =
        atPause(
            20,
            pauses,
            () -> {
              commit(session, 1);
              commit(session, 1);
              writer.writeSnapshot();
              removeBelow(writer.state().version());
            });
    LakeStream sleeper = LakeStream.open(store, environment);
    assertThat(sleeper.awaitStep(0, Duration.ofMinutes(2))).isTrue();
    assertThat(sleeper.state()).isEqualTo(writer.state());
    assertThat(pauses[0]).isBetween(20, 36);
  }
}
