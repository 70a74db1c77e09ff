// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.commit.AdaptiveCommitPolicy;
import dev.lakestream.commit.ImmediateCommitPolicy;
import dev.lakestream.commit.IntervalCommitPolicy;
import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.FencedException;
import dev.lakestream.log.Attachment;
import dev.lakestream.producer.PacedCommitter.Bounds;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.Marked;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.StreamFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Everything that has come together becomes one entry, when the policy says so. */
@Timeout(60)
class PacedCommitterTest extends StreamFixture {
  private ProducerSession session(String producer) throws Exception {
    if (memory.contents().isEmpty()) {
      create();
    }
    return ProducerSession.open(open(), producer, new ImmediateCommitPolicy());
  }

  private List<String> marks() throws IOException {
    return Marked.in(memory, time.environment());
  }

  @Test
  void whatHasComeTogetherIsOneEntry() throws Exception {
    ProducerSession session = session("tok");
    PacedCommitter committer = PacedCommitter.manual(session, Bounds.DEFAULT);
    assertThat(committer.proceed()).isEqualTo(PacedCommitter.NOTHING_TO_DO);
    List<CompletableFuture<CommitReceipt>> receipts = new ArrayList<>();
    for (String mark : List.of("a", "b", "c")) {
      receipts.add(committer.submit(Marked.commit(session, mark)));
    }
    assertThat(receipts).noneMatch(Future::isDone);
    assertThat(committer.proceed()).isZero();
    assertThat(receipts)
        .extracting(CompletableFuture::join)
        .containsExactly(
            new CommitReceipt(1, 0, 1), new CommitReceipt(1, 1, 1), new CommitReceipt(1, 2, 1));
    assertThat(session.state()).isEqualTo("c");
    assertThat(marks()).containsExactly("a", "b", "c");
    committer.close();
    assertThatThrownBy(() -> committer.submit(Marked.commit(session, "d")))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theLatestStateAndAttachmentsWin() throws Exception {
    ProducerSession session = session("tok");
    PacedCommitter committer = PacedCommitter.manual(session, Bounds.DEFAULT);
    Attachment first = new Attachment("rest", Samples.bundle(session.newBundleKey(), 1, 8, 1));
    Attachment second = new Attachment("rest", Samples.bundle(session.newBundleKey(), 1, 8, 1));
    committer.submit(with(Marked.commit(session, "a"), Optional.of("1"), first));
    committer.submit(with(Marked.commit(session, "b"), Optional.of("2"), second));
    committer.submit(with(Marked.commit(session, "c"), Optional.empty(), second));
    committer.proceed();
    assertThat(session.state()).isEqualTo("2");
    assertThat(session.attachments()).containsExactly(second);
  }

  private static Commit with(Commit commit, Optional<String> state, Attachment attachment) {
    return new Commit(commit.content(), state, List.of(attachment), Optional.empty(), List.of());
  }

  /** An entry has one key of idempotence, so a second one begins the next entry. */
  @Test
  void aKeyOfIdempotenceEndsAnEntry() throws Exception {
    ProducerSession session = session("tok");
    PacedCommitter committer = PacedCommitter.manual(session, Bounds.DEFAULT);
    List<CompletableFuture<CommitReceipt>> receipts = new ArrayList<>();
    for (String key : List.of("", "k1", "k2", "")) {
      Commit plain = Marked.commit(session, "of " + key);
      Optional<String> idempotence = key.isEmpty() ? Optional.empty() : Optional.of(key);
      receipts.add(
          committer.submit(
              new Commit(plain.content(), plain.state(), List.of(), idempotence, List.of())));
    }
    while (committer.proceed() == 0) {
      // goes on
    }
    assertThat(receipts)
        .extracting(receipt -> receipt.join().version())
        .containsExactly(1L, 1L, 2L, 3L);
  }

  @Test
  void aLostRaceTakesWhatCameMeanwhileToTheNextAttempt() throws Exception {
    ProducerSession session = session("tok");
    ProducerSession other = session("other");
    PacedCommitter committer = PacedCommitter.manual(session, Bounds.DEFAULT);
    other.commit(Marked.commit(other, "x"));
    CompletableFuture<CommitReceipt> first = committer.submit(Marked.commit(session, "a"));
    committer.proceed();
    assertThat(first).isNotDone();
    CompletableFuture<CommitReceipt> second = committer.submit(Marked.commit(session, "b"));
    committer.proceed();
    assertThat(first.join().version()).isEqualTo(second.join().version());
    assertThat(marks()).containsExactly("x", "a", "b");
  }

  @Test
  void waitsUntilThePolicySaysSo() throws Exception {
    LakeStream.create(store, Samples.definition(), time.environment());
    ProducerSession session =
        ProducerSession.open(
            LakeStream.open(store, time.environment()),
            "tok",
            new IntervalCommitPolicy(Duration.ofSeconds(1).toNanos(), new Random(1)));
    PacedCommitter committer = PacedCommitter.manual(session, Bounds.DEFAULT);
    CompletableFuture<CommitReceipt> receipt = committer.submit(Marked.commit(session, "a"));
    long wait = committer.proceed();
    assertThat(Duration.ofNanos(wait)).isBetween(Duration.ofMillis(900), Duration.ofMillis(1100));
    time.pass(Duration.ofNanos(wait));
    while (committer.proceed() == 0) {
      // looks, then commits
    }
    assertThat(receipt).isCompleted();
  }

  @Test
  void afterFencingEverythingFailsWithTheCause() throws Exception {
    ProducerSession session = session("tok");
    PacedCommitter committer = PacedCommitter.manual(session, Bounds.DEFAULT);
    List<CompletableFuture<CommitReceipt>> receipts =
        List.of(
            committer.submit(Marked.commit(session, "a")),
            committer.submit(Marked.commit(session, "b")));
    session("tok");
    committer.proceed();
    while (!receipts.get(0).isDone()) {
      committer.proceed();
    }
    assertThat(receipts)
        .allSatisfy(
            receipt -> assertThatThrownBy(receipt::get).hasCauseInstanceOf(FencedException.class));
    assertThatThrownBy(() -> committer.submit(Marked.commit(session, "c")))
        .isInstanceOf(FencedException.class)
        .hasCauseInstanceOf(FencedException.class)
        .hasMessageContaining("open the producer again");
    assertThatThrownBy(committer::close).isInstanceOf(FencedException.class);
    assertThat(marks()).isEmpty();
  }

  @Test
  void anUnknownOutcomeEndsItToo() throws Exception {
    ProducerSession session = session("tok");
    PacedCommitter committer = PacedCommitter.manual(session, Bounds.DEFAULT);
    CompletableFuture<CommitReceipt> receipt = committer.submit(Marked.commit(session, "a"));
    store.randomly(1, 1.0);
    committer.proceed();
    assertThatThrownBy(receipt::get).hasCauseInstanceOf(CommitOutcomeUnknownException.class);
    store.randomly(1, 0);
    assertThatThrownBy(committer::flush).isInstanceOf(CommitOutcomeUnknownException.class);
    assertThat(committer.proceed()).isEqualTo(PacedCommitter.NOTHING_TO_DO);
  }

  @Test
  void aStoreThatCannotBeReachedIsTriedAgainForAWhile() throws Exception {
    ProducerSession session = session("tok");
    PacedCommitter committer =
        PacedCommitter.manual(session, new Bounds(10, 1 << 30, Duration.ofSeconds(30)));
    CompletableFuture<CommitReceipt> first = committer.submit(Marked.commit(session, "a"));
    for (int i = 0; i < 3; i++) {
      store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.REFUSED);
      long wait = committer.proceed();
      assertThat(Duration.ofNanos(wait)).isEqualTo(Duration.ofMillis(100L << i));
      assertThat(committer.proceed()).isPositive();
      time.pass(Duration.ofNanos(wait));
    }
    committer.proceed();
    assertThat(first).isCompleted();

    CompletableFuture<CommitReceipt> second = committer.submit(Marked.commit(session, "b"));
    for (int i = 0; !second.isDone() && i < 100; i++) {
      store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.REFUSED);
      long wait = committer.proceed();
      if (wait != PacedCommitter.NOTHING_TO_DO) {
        time.pass(Duration.ofNanos(wait));
      }
    }
    assertThatThrownBy(second::get).hasCauseInstanceOf(IOException.class);
    assertThatThrownBy(() -> committer.submit(Marked.commit(session, "c")))
        .isInstanceOf(CommitRejectedException.class);
    assertThat(marks()).containsExactly("a");
  }

  @Test
  void beyondItsBoundsTheBacklogHoldsTheProducerBack() throws Exception {
    ProducerSession session = session("tok");
    PacedCommitter committer =
        PacedCommitter.manual(session, new Bounds(2, 1 << 30, Duration.ZERO));
    committer.submit(Marked.commit(session, "a"));
    committer.submit(Marked.commit(session, "b"));
    CompletableFuture<CommitReceipt> third = new CompletableFuture<>();
    Thread producer =
        new Thread(
            () -> {
              try {
                third.complete(committer.submit(Marked.commit(session, "c")).get());
              } catch (Exception e) {
                third.completeExceptionally(e);
              }
            });
    producer.start();
    while (producer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(third).isNotDone();
    while (!third.isDone()) {
      committer.proceed();
    }
    assertThat(third.get()).isEqualTo(new CommitReceipt(2, 2, 1));
  }

  /** On real threads and a real clock: nothing is lost, doubled or out of order. */
  @Test
  void manyCommitToOneStreamEachInItsOwnOrder() throws Exception {
    Environment environment = Environment.system();
    LakeStream.create(memory, Samples.definition(), environment);
    int producers = 6;
    int each = 30;
    ExecutorService threads = Executors.newFixedThreadPool(producers);
    try {
      List<Callable<Long>> work = new ArrayList<>();
      for (int p = 0; p < producers; p++) {
        String name = "p" + p;
        long seed = p;
        work.add(
            () -> {
              ProducerSession session =
                  ProducerSession.open(
                      LakeStream.open(memory, environment),
                      name,
                      new AdaptiveCommitPolicy(name, new Random(seed)));
              try (PacedCommitter committer = PacedCommitter.start(session, Bounds.DEFAULT)) {
                for (int i = 0; i < each; i++) {
                  committer.submit(Marked.commit(session, name + ":" + i));
                  if (i % 10 == 9) {
                    committer.flush();
                  }
                }
              }
              return session.stamp().sequence();
            });
      }
      for (Future<Long> done : threads.invokeAll(work)) {
        assertThat(done.get()).isLessThanOrEqualTo(each);
      }
    } finally {
      threads.shutdownNow();
    }
    List<String> marks = marks();
    assertThat(marks).hasSize(producers * each).doesNotHaveDuplicates();
    for (int p = 0; p < producers; p++) {
      String prefix = "p" + p + ":";
      assertThat(marks.stream().filter(mark -> mark.startsWith(prefix)))
          .isSortedAccordingTo(
              (left, right) ->
                  Integer.compare(
                      Integer.parseInt(left.substring(3)), Integer.parseInt(right.substring(3))));
    }
  }
}
