// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.ProducerAheadException;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.CommitGate;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Samples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LeadGateTest extends RetentionScenario {
  private static final Duration DEADLINE = Duration.ofMinutes(30);
  private static final Duration EXPIRES_SOON = Duration.ofSeconds(20);

  private RetentionFixture fixture;
  private ProducerSession session;
  private Heartbeats heartbeats;

  @BeforeEach
  void begin() throws Exception {
    fixture = create();
    session = fixture.session("tok");
    heartbeats = new Heartbeats(fixture.other());
  }

  private LeadGate gate(LeadLimit limit) throws IOException {
    return new LeadGate(fixture.open(), limit);
  }

  @Test
  void heartbeatsHaveAnAgeByTheClockOfTheStore() throws Exception {
    assertThat(heartbeats.list()).isEmpty();
    heartbeats.beat("run", 7);
    fixture.pass(Duration.ofMinutes(4));
    heartbeats.beat("eval", 2);
    heartbeats.beat("eval", 3);
    fixture.pass(Duration.ofMinutes(1));
    assertThat(heartbeats.list())
        .containsExactly(
            new Heartbeat("eval", 3, Duration.ofMinutes(1)),
            new Heartbeat("run", 7, Duration.ofMinutes(5)));
    heartbeats.end("run");
    assertThat(heartbeats.list()).extracting(Heartbeat::job).containsExactly("eval");
    assertThatThrownBy(() -> heartbeats.beat("a/b", 1)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> heartbeats.beat("a", -1)).isInstanceOf(InvalidRequestException.class);
  }

  /** A reader whose clock is years behind is as alive as any other. */
  @Test
  void theClockOfTheReaderDoesNotMatter() throws Exception {
    Environment past =
        new Environment(
            () -> java.time.Instant.EPOCH, fixture.time::uuid, fixture.time.environment().pause());
    new Heartbeats(LakeStream.open(fixture.memory, past)).beat("run", 1);
    assertThat(heartbeats.list()).containsExactly(new Heartbeat("run", 1, Duration.ZERO));
  }

  @Test
  void brokenHeartbeatsArePassedOver() throws Exception {
    heartbeats.beat("run", 7);
    byte[] good = fixture.memory.contents().get("progress/run.json");
    fixture.memory.damage("progress/other.json", good);
    fixture.memory.damage("progress/torn.json", new byte[] {1, 2, 3});
    fixture.memory.damage("progress/deep/run.json", good);
    assertThat(heartbeats.list()).extracting(Heartbeat::job).containsExactly("run");
  }

  @Test
  void holdsAProducerBackUntilTheReaderGoesOn() throws Exception {
    fixture.produce(session, 10);
    heartbeats.beat("run", 5);
    int[] pauses = {0};
    Environment environment =
        new Environment(
            fixture.time,
            fixture.time::uuid,
            pause -> {
              fixture.pass(pause);
              if (++pauses[0] == 3) {
                beat("run", 6);
              }
            });
    LeadGate gate =
        new LeadGate(LakeStream.open(fixture.memory, environment), LeadLimit.ofSteps(5));
    gate.awaitLead(DEADLINE);
    assertThat(pauses[0]).isEqualTo(3);
    assertThat(gate.lead()).contains(new Lead("run", 6, 4, 0));
    gate.awaitLead(DEADLINE);
    assertThat(pauses[0]).isEqualTo(3);
  }

  private void beat(String job, long step) {
    try {
      heartbeats.beat(job, step);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void saysWhomItWaitsFor() throws Exception {
    fixture.produce(session, 10);
    heartbeats.beat("fast", 9);
    heartbeats.beat("slow", 2);
    assertThatThrownBy(() -> gate(LeadLimit.ofSteps(8)).awaitLead(Duration.ofMinutes(5)))
        .isInstanceOf(ProducerAheadException.class)
        .hasMessageContaining("held back for 300 s: job slow reads step 2 next")
        .hasMessageContaining("8 steps")
        .hasMessageContaining("maxLead is 8 steps");
    assertThat(fixture.time.paused()).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void aDeadJobHoldsNobodyBack() throws Exception {
    fixture.produce(session, 10);
    gate(LeadLimit.ofSteps(1)).awaitLead(Duration.ZERO);
    heartbeats.beat("dead", 0);
    LeadGate gate = gate(LeadLimit.ofSteps(1));
    gate.awaitLead(DEADLINE);
    assertThat(fixture.time.paused()).isEqualTo(Heartbeat.EXPIRES_AFTER);
    gate(LeadLimit.none()).awaitLead(Duration.ZERO);
  }

  @Test
  void aReaderBeyondTheTailIsNoLead() throws Exception {
    fixture.produce(session, 3);
    heartbeats.beat("odd", 1L << 50);
    assertThat(gate(LeadLimit.ofBytes(1)).lead()).contains(new Lead("odd", 1L << 50, 0, 0));
  }

  @Test
  void countsBytesOfTheStepsInBetween() throws Exception {
    BundleDescriptor four = fixture.upload(session, 4);
    for (int i = 0; i < 5; i++) {
      RetentionFixture.commit(session, fixture.upload(session, 4));
    }
    long bundle = four.bytes();
    LeadBytes bytes = new LeadBytes(fixture.other(), 1_000_000);
    assertThat(bytes.from(0)).isEqualTo(5 * bundle);
    assertThat(bytes.from(4)).isEqualTo(4 * bundle);
    assertThat(bytes.from(6)).isEqualTo(3 * bundle + bundle / 2);
    assertThat(bytes.from(20)).isZero();
    assertThat(bytes.from(3)).as("the reader went back").isEqualTo(5 * bundle - bundle * 3 / 4);
    new Trimming(fixture.other()).to(16);
    assertThat(new LeadBytes(fixture.other(), 1_000_000).from(0)).isEqualTo(bundle);
  }

  @Test
  void looksUpEachGroupOnceAndNoMoreThanTheLimitNeeds() throws Exception {
    fixture.produce(session, 60);
    fixture.fold();
    LakeStream stream = fixture.open();
    fixture.store.takeCounts();
    long one = Samples.bundle(session.newBundleKey(), 1, 8, 1).bytes();
    LeadBytes bytes = new LeadBytes(stream, 3 * one);
    assertThat(bytes.from(0)).isEqualTo(3 * one);
    assertThat(bytes.from(0)).isEqualTo(3 * one);
    assertThat(bytes.from(58)).isEqualTo(2 * one);
    assertThat(fixture.store.takeCounts()).hasSize(1).containsEntry("GET segments", 1);
  }

  @Test
  void aStepOfSeveralBundlesTakesItsShareOfEach() throws Exception {
    BundleDescriptor left = fixture.upload(session, 2);
    BundleDescriptor right = fixture.upload(session, 1);
    session.commit(
        Commit.of(
            new CommitContent.Inline(
                List.of(left, right),
                List.of(
                    new StepGroup.CellGroup(
                        List.of(new CellRange(0, 0, 4, 1), new CellRange(1, 4, 4, 0)),
                        Samples.step("x")))),
            "s"));
    assertThat(new LeadBytes(fixture.other(), 1_000_000).from(0))
        .isEqualTo(left.bytes() / 4 + right.bytes() / 2);
  }

  @Test
  void limitsByBytes() throws Exception {
    fixture.produce(session, 10);
    heartbeats.beat("run", 4);
    long one = Samples.bundle(session.newBundleKey(), 1, 8, 1).bytes();
    gate(LeadLimit.ofBytes(6 * one + 1)).awaitLead(Duration.ZERO);
    assertThatThrownBy(() -> gate(LeadLimit.ofBytes(6 * one)).awaitLead(Duration.ZERO))
        .isInstanceOf(ProducerAheadException.class)
        .hasMessageContaining(6 * one + " bytes");
    assertThatThrownBy(() -> LeadLimit.ofSteps(0)).isInstanceOf(InvalidRequestException.class);
  }

  /** While there is room, asking costs no request. */
  @Test
  void asksTheStoreSeldom() throws Exception {
    heartbeats.beat("run", 0);
    LeadGate gate = gate(new LeadLimit(Optional.of(100L), Optional.empty(), Duration.ofHours(1)));
    fixture.store.takeCounts();
    for (int i = 0; i < 50; i++) {
      gate.awaitLead(Duration.ZERO);
      fixture.pass(Duration.ofMillis(100));
    }
    assertThat(fixture.store.takeCounts()).containsEntry("LIST progress", 1).hasSize(4);
  }

  @Test
  void readsWhatPeopleWrite() {
    assertThat(LeadLimit.parse("10000")).isEqualTo(LeadLimit.ofSteps(10_000));
    assertThat(LeadLimit.parse(" 64g ")).isEqualTo(LeadLimit.ofBytes(64L << 30));
    assertThat(LeadLimit.parse("512 MB")).isEqualTo(LeadLimit.ofBytes(512L << 20));
    assertThat(LeadLimit.parse("2TiB")).isEqualTo(LeadLimit.ofBytes(2L << 40));
    assertThat(LeadLimit.parse("4096b")).isEqualTo(LeadLimit.ofBytes(4096));
    for (String text : List.of("", "-1", "1.5g", "64x", "g", "many", "1e6", "999999999999t")) {
      assertThatThrownBy(() -> LeadLimit.parse(text))
          .as(text)
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("'" + text + "'")
          .hasMessageContaining("such as 64g");
    }
    assertThatThrownBy(() -> LeadLimit.parse("0")).hasMessageContaining("at least 1");
    assertThat(LeadLimit.parse("7")).hasToString("7 steps");
    assertThat(LeadLimit.parse("1k")).hasToString("1024 bytes");
  }

  @Test
  void saysHowMuchRoomThereIs() throws Exception {
    assertThat(gate(LeadLimit.ofSteps(5)).room()).isEqualTo(CommitGate.Room.UNLIMITED);
    fixture.produce(session, 10);
    heartbeats.beat("run", 7);
    assertThat(gate(LeadLimit.ofSteps(5)).room().steps()).isEqualTo(2);
    assertThat(gate(LeadLimit.ofSteps(3)).room().isNone()).isTrue();
    long one = Samples.bundle(session.newBundleKey(), 1, 8, 1).bytes();
    assertThat(gate(LeadLimit.ofBytes(4 * one)).room().bytes()).isEqualTo(one);
  }

  /** Asked in vain it asks less and less often, but not later than the heartbeat may expire. */
  @Test
  void asksAgainWhenItIsWorthIt() throws Exception {
    fixture.produce(session, 3);
    heartbeats.beat("run", 0);
    LeadGate gate =
        new LeadGate(
            fixture.open(), new LeadLimit(Optional.of(1L), Optional.empty(), EXPIRES_SOON));
    List<Long> seconds = new ArrayList<>();
    for (CommitGate.Room room = gate.room(); room.isNone(); room = gate.room()) {
      seconds.add(room.askAgain().toSeconds());
      fixture.pass(room.askAgain());
    }
    assertThat(seconds).containsExactly(1L, 2L, 4L, 5L, 5L, 3L);
  }
}
