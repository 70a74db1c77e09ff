// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.log.Action;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever pins and whoever trims: never do both succeed (invariant 8). */
@Timeout(60)
class TrimmingTest extends RetentionScenario {
  private RetentionFixture fixture;

  @BeforeEach
  void begin() throws Exception {
    fixture = create();
    ProducerSession session = fixture.session("tok");
    for (int i = 0; i < 20; i++) {
      fixture.produce(session, 1);
      fixture.pass(Duration.ofMinutes(1));
    }
  }

  private TrimResult trim(long to) throws Exception {
    return new Trimming(fixture.open()).to(to);
  }

  private long firstReadable() throws IOException {
    return fixture.other().state().firstReadable();
  }

  private Pin pin(long from) throws IOException {
    return pin(from, OpenIntents.CANCEL);
  }

  private Pin pin(long from, OpenIntents policy) throws IOException {
    try {
      return new Pins(fixture.other()).pin("run", "a", from, Optional.empty(), policy);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void trimsAsFarAsPinsAllow() throws Exception {
    assertThat(trim(0).outcome()).isEqualTo(TrimResult.Outcome.NOTHING_TO_DO);
    assertThat(trim(5))
        .isEqualTo(
            new TrimResult(
                TrimResult.Outcome.TRIMMED, 5, 5, Optional.empty(), java.util.List.of()));
    Pin pin = pin(8);
    TrimResult partly = trim(12);
    assertThat(partly.outcome()).isEqualTo(TrimResult.Outcome.TRIMMED);
    assertThat(partly.reached()).isEqualTo(8);
    assertThat(partly.heldBy()).contains(pin);
    int entries = fixture.memory.keys("log").size();
    TrimResult held = trim(12);
    assertThat(held.outcome()).isEqualTo(TrimResult.Outcome.HELD);
    assertThat(held.heldBy()).contains(pin);
    assertThat(trim(8).outcome()).isEqualTo(TrimResult.Outcome.NOTHING_TO_DO);
    assertThat(fixture.memory.keys("log")).as("nothing was announced in vain").hasSize(entries);
    new Pins(fixture.other()).release(pin);
    assertThat(trim(20).reached()).isEqualTo(20);
    assertThat(firstReadable()).isEqualTo(20);
    assertThat(fixture.other().state().intent()).isEmpty();
    assertThatThrownBy(() -> trim(21)).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void aPlanChangesNothing() throws Exception {
    pin(7);
    var before = fixture.contents();
    TrimResult plan = new Trimming(fixture.open()).plan(12);
    assertThat(plan.reached()).isEqualTo(7);
    assertThat(fixture.contents()).isEqualTo(before);
  }

  /** A pinner died between its put and its look at the log; nobody relies on the pin. */
  @Test
  void aPinOfATrimmedStepHoldsNothing() throws Exception {
    Pin pin = pin(3);
    byte[] content = fixture.memory.contents().get(pin.key().value());
    new Pins(fixture.other()).release(pin);
    trim(5);
    fixture.memory.putIfAbsent(pin.key(), content);
    assertThat(trim(10).reached()).isEqualTo(10);
    assertThat(new Pins(fixture.other()).list().vain(firstReadable())).containsExactly(pin);
  }

  @Test
  void targetsAreFound() throws Exception {
    var stream = fixture.other();
    var now = fixture.time.instant();
    assertThat(new TrimTarget.KeepSteps(6).step(stream, now)).isEqualTo(14);
    assertThat(new TrimTarget.KeepSteps(60).step(stream, now)).isZero();
    assertThat(new TrimTarget.ToStep(6).step(stream, now)).isEqualTo(6);
    assertThatThrownBy(() -> new TrimTarget.ToStep(21).step(stream, now))
        .isInstanceOf(InvalidRequestException.class);
    // Step i was committed 20 - i minutes ago.
    for (int minutes = 0; minutes <= 20; minutes++) {
      assertThat(new TrimTarget.OlderThan(Duration.ofMinutes(minutes)).step(stream, now))
          .isEqualTo(20 - minutes);
    }
    assertThat(new TrimTarget.OlderThan(Duration.ofDays(1)).step(stream, now)).isZero();
  }

  @Test
  void aPinPutBetweenIntentAndListingIsSeenOrCancels() throws Exception {
    Pin[] pinned = new Pin[1];
    // The first listing is that of the plan.
    fixture.store.before(Operation.LIST, "pins", () -> {});
    fixture.store.before(Operation.LIST, "pins", () -> pinned[0] = pin(4));
    TrimResult result = trim(10);
    assertThat(result.heldBy()).contains(pinned[0]);
    assertThat(firstReadable()).as("its pinner has cancelled the intent").isZero();
    assertThat(trim(10).reached()).isEqualTo(4);
  }

  @Test
  void aPinPutBetweenListingAndTrimCancelsTheTrim() throws Exception {
    fixture.store.before(Operation.PUT_IF_ABSENT, "log/", () -> {}); // the intent
    fixture.store.before(Operation.PUT_IF_ABSENT, "log/", () -> pin(4));
    TrimResult result = trim(10);
    assertThat(result.outcome()).isEqualTo(TrimResult.Outcome.CANCELLED);
    assertThat(firstReadable()).isZero();
  }

  @Test
  void aPinPutBetweenListingAndTrimThatRespectsTheIntentIsNone() throws Exception {
    fixture.store.before(Operation.PUT_IF_ABSENT, "log/", () -> {});
    fixture.store.before(
        Operation.PUT_IF_ABSENT,
        "log/",
        () ->
            assertThatThrownBy(() -> pin(4, OpenIntents.RESPECT))
                .hasMessageContaining("announces a trim to 10"));
    assertThat(trim(10).reached()).isEqualTo(10);
    assertThat(fixture.memory.keys("pins")).isEmpty();
    assertThatThrownBy(() -> pin(4)).hasMessageContaining("it was trimmed");
  }

  @Test
  void aCancelledOrReplacedIntentTrimsNothing() throws Exception {
    for (Action action : new Action[] {new Action.TrimIntent(2), null}) {
      fixture.store.before(Operation.PUT_IF_ABSENT, "log/", () -> {});
      fixture.store.before(
          Operation.PUT_IF_ABSENT,
          "log/",
          () -> {
            long open = fixture.other().state().intent().orElseThrow().version();
            try {
              new StreamControl(fixture.other())
                  .commit(action == null ? new Action.CancelIntent(open) : action);
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          });
      assertThat(trim(10).outcome()).isEqualTo(TrimResult.Outcome.CANCELLED);
      assertThat(fixture.store.openPlans()).isZero();
      assertThat(firstReadable()).isZero();
    }
  }

  /** Before whatever operation of the trim the pin is made: never do both succeed. */
  @ParameterizedTest
  @EnumSource(OpenIntents.class)
  void pinningAtAnyMomentOfATrim(OpenIntents policy) throws Exception {
    RetentionFixture initial = fixture;
    boolean passed = false;
    int pinnedTimes = 0;
    for (int k = 0; !passed; k += backing().stride()) {
      fixture = initial.copy();
      Optional<?>[] pinned = {Optional.empty()};
      fixture.store.beforeOperation(
          k,
          () -> {
            try {
              pinned[0] = Optional.of(pin(4, policy));
            } catch (LakestreamException e) {
              pinned[0] = Optional.empty();
            }
          });
      trim(10);
      passed = fixture.store.openPlans() > 0;
      pinnedTimes += pinned[0].isPresent() ? 1 : 0;
      assertExclusive(k, pinned[0].isPresent());
    }
    assertThat(pinnedTimes).isGreaterThan(3 / backing().stride());
  }

  @ParameterizedTest
  @EnumSource(OpenIntents.class)
  void trimmingAtAnyMomentOfAPinning(OpenIntents policy) throws Exception {
    RetentionFixture initial = fixture;
    boolean passed = false;
    int trimmedTimes = 0;
    for (int k = 0; !passed; k += backing().stride()) {
      fixture = initial.copy();
      fixture.store.beforeOperation(
          k,
          () -> {
            try {
              new Trimming(fixture.other()).to(10);
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          });
      boolean pinned;
      try {
        new Pins(fixture.open()).pin("run", "a", 4, Optional.empty(), policy);
        pinned = true;
      } catch (LakestreamException e) {
        pinned = false;
      }
      passed = fixture.store.openPlans() > 0;
      trimmedTimes += firstReadable() == 10 ? 1 : 0;
      assertExclusive(k, pinned);
    }
    assertThat(trimmedTimes).isPositive();
  }

  private void assertExclusive(int k, boolean pinned) throws IOException {
    if (pinned) {
      assertThat(firstReadable()).as("operation %d", k).isLessThanOrEqualTo(4);
      assertThat(fixture.memory.keys("pins")).hasSize(1);
    } else {
      assertThat(fixture.memory.keys("pins")).as("operation %d", k).isEmpty();
    }
  }

  /** A trimmer that dies leaves at most an open intent, which the next one replaces. */
  @Test
  void dyingAtAnyMomentOfATrim() throws Exception {
    RetentionFixture initial = fixture;
    boolean died = true;
    for (int k = 0; died; k += backing().stride()) {
      fixture = initial.copy();
      fixture.store.dieAfter(k);
      try {
        trim(10);
        died = false;
      } catch (IOException | LakestreamException e) {
        assertThat(firstReadable()).isIn(0L, 10L);
      }
      fixture.store.dieAfter(Long.MAX_VALUE);
      pin(12);
      assertThat(trim(15).reached()).isEqualTo(12);
      assertThat(fixture.other().state().intent()).isEmpty();
    }
  }

  @Test
  void answersThatNeverComeAreNoTrouble() throws Exception {
    fixture.store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_RESPONSE);
    fixture.store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_REQUEST);
    assertThat(trim(10).reached()).isEqualTo(10);
    assertThat(firstReadable()).isEqualTo(10);
  }
}
