// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.commit.AdaptiveCommitPolicy;
import dev.lakestream.commit.ImmediateCommitPolicy;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.FencedException;
import dev.lakestream.log.Action;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.producer.PacedCommitter.Bounds;
import dev.lakestream.retention.Heartbeat;
import dev.lakestream.retention.Heartbeats;
import dev.lakestream.retention.Lead;
import dev.lakestream.retention.LeadGate;
import dev.lakestream.retention.LeadLimit;
import dev.lakestream.retention.LeadListener;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.StreamFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Producers that ran too far ahead of the slowest reader, and how they go on. */
@Timeout(60)
class HeldBackTest extends StreamFixture {
  private final Heard heard = new Heard();

  /** What the listener was told. */
  private static final class Heard implements LeadListener {
    private final List<Lead> leads = new ArrayList<>();
    private final List<Duration> goneOnAfter = new ArrayList<>();

    @Override
    public void isHeldBack(Lead lead, LeadLimit limit, Duration waited) {
      leads.add(lead);
    }

    @Override
    public void goesOn(Duration waited) {
      goneOnAfter.add(waited);
    }
  }

  /** A job that reads step after step, and says so. */
  private final class Reader {
    private final Heartbeats heartbeats = new Heartbeats(other());
    private final String job;
    private long next;

    private Reader(String job) {
      this.job = job;
      beat();
    }

    private void beat() {
      try {
        heartbeats.beat(job, next);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void readAll() {
      LakeStream stream = other();
      for (; next < stream.state().nextStep(); next++) {
        try {
          assertThat(stream.groupOf(next).contains(next)).isTrue();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      beat();
    }
  }

  @BeforeEach
  void createStream() throws Exception {
    LakeStream.create(memory, Samples.definition(), time.environment());
  }

  /** What somebody else sees, past all planned faults. */
  private LakeStream other() {
    try {
      return open(memory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ProducerSession session(LeadLimit limit, Environment environment) throws Exception {
    LakeStream stream = LakeStream.open(store, environment);
    return ProducerSession.open(
        stream, "tok", new ImmediateCommitPolicy(), new LeadGate(stream, limit, heard));
  }

  private static Commit steps(ProducerSession session, int steps) {
    return Commit.of(Samples.whole(Samples.bundle(session.newBundleKey(), steps, 8, 1)), "s");
  }

  private long tail() {
    return other().state().nextStep();
  }

  /** Each pause lets time pass, and then something else happens. */
  private Environment pausing(Runnable afterwards) {
    return new Environment(
        time,
        time::uuid,
        pause -> {
          time.pass(pause);
          afterwards.run();
        });
  }

  @Test
  void aSessionWaitsUntilTheReaderGoesOn() throws Exception {
    Reader reader = new Reader("run");
    List<Long> tails = new ArrayList<>();
    ProducerSession session =
        session(
            LeadLimit.ofSteps(4),
            pausing(
                () -> {
                  tails.add(tail());
                  if (tails.size() == 3) {
                    reader.readAll();
                  }
                }));
    session.commit(steps(session, 4));
    assertThat(tails).isEmpty();
    session.commit(steps(session, 4));
    assertThat(tails).as("nothing was committed while it waited").containsExactly(4L, 4L, 4L);
    assertThat(tail()).isEqualTo(8);
    assertThat(heard.leads).hasSize(3).allMatch(lead -> lead.equals(new Lead("run", 0, 4, 0)));
    assertThat(heard.goneOnAfter).containsExactly(Duration.ofSeconds(1 + 2 + 4));
  }

  @Test
  void aSessionGoesOnWhenTheReadersHeartbeatExpires() throws Exception {
    new Reader("dead");
    ProducerSession session = session(LeadLimit.ofSteps(1), time.environment());
    session.commit(steps(session, 1));
    session.commit(steps(session, 1));
    assertThat(tail()).isEqualTo(2);
    assertThat(time.paused()).isEqualTo(Heartbeat.EXPIRES_AFTER);
    session.commit(steps(session, 1));
    assertThat(time.paused())
        .as("the dead are not waited for again")
        .isEqualTo(Heartbeat.EXPIRES_AFTER);
  }

  @Test
  void whatMakesNoStepIsNeverHeldBack() throws Exception {
    ProducerSession session = session(LeadLimit.ofSteps(1), time.environment());
    session.commit(steps(session, 3));
    new Reader("run");
    time.pass(Duration.ofSeconds(10));
    session.commit(
        new Commit(
            new CommitContent.Inline(List.of(), List.of()),
            Optional.of("further"),
            List.of(),
            Optional.empty(),
            List.of(new Action.Retire("tok", session.stamp().epoch()))));
    assertThat(time.paused()).isZero();
    assertThat(heard.leads).isEmpty();
  }

  /** Who waits may be fenced; then it does not commit, whatever room there is. */
  @Test
  void aSessionThatIsFencedWhileItWaitsFails() throws Exception {
    Reader reader = new Reader("run");
    int[] pauses = {0};
    ProducerSession session =
        session(
            LeadLimit.ofSteps(1),
            pausing(
                () -> {
                  if (++pauses[0] == 1) {
                    successor();
                    reader.readAll();
                  }
                }));
    session.commit(steps(session, 1));
    assertThatThrownBy(() -> session.commit(steps(session, 1))).isInstanceOf(FencedException.class);
    assertThat(tail()).isEqualTo(1);
  }

  private void successor() {
    try {
      ProducerSession.open(other(), "tok");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aCommitterTakesNoMoreThanThereIsRoomFor() throws Exception {
    Reader reader = new Reader("run");
    ProducerSession session = session(LeadLimit.ofSteps(4), time.environment());
    PacedCommitter committer = PacedCommitter.manual(session, Bounds.DEFAULT);
    List<CompletableFuture<CommitReceipt>> receipts = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      receipts.add(committer.submit(steps(session, 1)));
    }
    List<Long> tails = new ArrayList<>();
    while (!receipts.get(9).isDone()) {
      proceedUntilHeldBack(committer);
      tails.add(tail());
      assertThat(tail() - reader.next).isLessThanOrEqualTo(4);
      reader.readAll();
      time.pass(Duration.ofSeconds(10));
    }
    assertThat(tails).containsExactly(4L, 8L, 10L);
    assertThat(receipts)
        .extracting(receipt -> receipt.join().firstStep())
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    committer.close();
  }

  /** Until it wants to wait, for whatever. */
  private static void proceedUntilHeldBack(PacedCommitter committer) {
    while (committer.proceed() == 0) {}
  }

  @Test
  void aCommitterGoesOnWhenTheReadersHeartbeatExpires() throws Exception {
    new Reader("dead");
    ProducerSession session = session(LeadLimit.ofSteps(2), time.environment());
    PacedCommitter committer = PacedCommitter.manual(session, Bounds.DEFAULT);
    CompletableFuture<CommitReceipt> first = committer.submit(steps(session, 3));
    CompletableFuture<CommitReceipt> second = committer.submit(steps(session, 3));
    Duration waited = Duration.ZERO;
    while (!second.isDone()) {
      Duration wait = Duration.ofNanos(committer.proceed());
      assertThat(wait).isLessThanOrEqualTo(Duration.ofSeconds(5));
      time.pass(wait);
      waited = waited.plus(wait);
    }
    assertThat(first.join().steps()).as("what can't be divided is taken whole").isEqualTo(3);
    assertThat(waited).isEqualTo(Heartbeat.EXPIRES_AFTER);
    assertThat(heard.leads.get(0)).isEqualTo(new Lead("dead", 0, 3, 0));
    assertThat(heard.goneOnAfter).containsExactly(Heartbeat.EXPIRES_AFTER);
  }

  /** While it waits it takes no turns, and looks at the log no more often than at heartbeats. */
  @Test
  void aCommitterThatWaitsLeavesTheLogToOthers() throws Exception {
    LakeStream stream = LakeStream.open(store, time.environment());
    ProducerSession session =
        ProducerSession.open(
            stream,
            "tok",
            new AdaptiveCommitPolicy("tok", new SplittableRandom(1)),
            new LeadGate(stream, LeadLimit.ofSteps(1), heard));
    session.commit(steps(session, 2));
    Reader reader = new Reader("run");
    time.pass(Duration.ofSeconds(10));
    PacedCommitter committer = PacedCommitter.manual(session, Bounds.DEFAULT);
    Future<CommitReceipt> receipt = committer.submit(steps(session, 1));
    proceedUntilHeldBack(committer);
    store.takeCounts();
    for (int i = 0; i < 60; i++) {
      proceedUntilHeldBack(committer);
      time.pass(Duration.ofSeconds(1));
      reader.beat();
    }
    assertThat(receipt.isDone()).isFalse();
    assertThat(store.takeCounts())
        .doesNotContainKey("PUT_IF_ABSENT log")
        .hasEntrySatisfying("LIST progress", looks -> assertThat(looks).isBetween(5, 20))
        .hasEntrySatisfying("GET log", looks -> assertThat(looks).isLessThanOrEqualTo(40));
  }

  @Test
  void heartbeatsThatCannotBeReadAreTriedAgain() throws Exception {
    ProducerSession session = session(LeadLimit.ofSteps(2), time.environment());
    PacedCommitter committer =
        PacedCommitter.manual(session, new Bounds(10, 1 << 30, Duration.ofSeconds(30)));
    store.plan(Operation.LIST, "progress", Fault.REFUSED);
    CompletableFuture<CommitReceipt> receipt = committer.submit(steps(session, 1));
    while (!receipt.isDone()) {
      time.pass(Duration.ofNanos(committer.proceed()));
    }
    assertThat(receipt.join().steps()).isEqualTo(1);
    for (int i = 0; i < 100; i++) {
      store.plan(Operation.LIST, "progress", Fault.REFUSED);
    }
    time.pass(Duration.ofSeconds(10));
    CompletableFuture<CommitReceipt> hopeless = committer.submit(steps(session, 1));
    while (!hopeless.isDone()) {
      time.pass(Duration.ofNanos(committer.proceed()));
    }
    assertThat(hopeless).isCompletedExceptionally();
    assertThatThrownBy(committer::flush).isInstanceOf(CommitRejectedException.class);
  }

  /** An hour between two failures is not an hour of failures. */
  @Test
  void patienceIsForFailuresInARow() throws Exception {
    Reader reader = new Reader("run");
    ProducerSession session = session(LeadLimit.ofSteps(1), time.environment());
    session.commit(steps(session, 1));
    PacedCommitter committer =
        PacedCommitter.manual(session, new Bounds(10, 1 << 30, Duration.ofSeconds(30)));
    CompletableFuture<CommitReceipt> receipt = committer.submit(steps(session, 1));
    for (int hour = 0; hour < 3; hour++) {
      store.plan(Operation.LIST, "progress", Fault.REFUSED);
      int pause = 5 * backing().stride();
      for (int second = 0; second < 3600; second += pause) {
        proceedUntilHeldBack(committer);
        time.pass(Duration.ofSeconds(pause));
        reader.beat();
      }
    }
    assertThat(store.openPlans()).isZero();
    assertThat(receipt).isNotDone();
    reader.readAll();
    proceedUntilHeldBack(committer);
    assertThat(receipt).isCompleted();
  }

  /** By bytes the last submission that fits is the last one that is taken. */
  @Test
  void bytesLimitAsStepsDo() throws Exception {
    new Reader("run");
    LakeStream stream = LakeStream.open(store, time.environment());
    BundleDescriptor any = Samples.bundle("tok", 1, time.uuid(), 1);
    ProducerSession session =
        ProducerSession.open(
            stream,
            "tok",
            new ImmediateCommitPolicy(),
            new LeadGate(stream, LeadLimit.ofBytes(3 * any.bytes() + 1), heard));
    PacedCommitter committer = PacedCommitter.manual(session, Bounds.DEFAULT);
    List<CompletableFuture<CommitReceipt>> receipts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      receipts.add(committer.submit(steps(session, 1)));
    }
    proceedUntilHeldBack(committer);
    assertThat(receipts.stream().filter(Future::isDone))
        .as("three, and one byte is left")
        .hasSize(4);
    assertThat(heard.leads).isNotEmpty();
    assertThat(heard.leads.get(0).bytes()).isEqualTo(4 * any.bytes());
  }

  /** The thread of a committer that waits is not lost: close() returns when the job is dead. */
  @Test
  void closingWaitsForRoomAndReturns() throws Exception {
    InspectedStore real = backing().empty(Environment.system().clock());
    LakeStream stream = LakeStream.create(real, Samples.definition(), Environment.system());
    LeadLimit limit = new LeadLimit(Optional.of(1L), Optional.empty(), Duration.ofMillis(300));
    ProducerSession session =
        ProducerSession.open(
            stream, "tok", new ImmediateCommitPolicy(), new LeadGate(stream, limit, heard));
    session.commit(steps(session, 1));
    new Heartbeats(LakeStream.open(real)).beat("run", 0);
    PacedCommitter committer = PacedCommitter.start(session, Bounds.DEFAULT);
    CompletableFuture<CommitReceipt> receipt = committer.submit(steps(session, 1));
    committer.close();
    assertThat(receipt).isCompleted();
  }
}
