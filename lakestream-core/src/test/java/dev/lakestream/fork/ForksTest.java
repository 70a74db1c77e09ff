// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.error.StreamExistsException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.fork.ForkListing.State;
import dev.lakestream.log.Action;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.retention.Pin;
import dev.lakestream.retention.PinListing;
import dev.lakestream.retention.Pins;
import dev.lakestream.store.FolderStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Making and deleting forks, whatever fails on the way. */
@Timeout(60)
class ForksTest {
  private final VirtualTime time = new VirtualTime(3);
  private final InspectedStore memory = backing().empty(time);
  private final FaultyStore store = new FaultyStore(memory);

  /** What keeps the objects; a subclass runs the same tests on another store. */
  protected Backing backing() {
    return Backing.memory();
  }

  @BeforeEach
  void createParent() throws Exception {
    LakeStream stream = LakeStream.create(memory, Samples.definition(), time.environment());
    commit(stream, 4);
    commit(stream, 4);
  }

  private static void commit(LakeStream stream, int steps) throws Exception {
    ProducerSession session = ProducerSession.open(stream, "a");
    session.commit(
        Commit.of(Samples.whole(Samples.bundle(session.newBundleKey(), steps, 8, 1)), "s"));
  }

  private LakeStream parent() throws IOException {
    return LakeStream.open(store, time.environment());
  }

  private Forks forks() throws IOException {
    return new Forks(parent());
  }

  private Set<String> keys(String prefix) {
    return memory.contents().keySet().stream()
        .filter(key -> key.startsWith(prefix))
        .collect(Collectors.toSet());
  }

  private Map<String, State> states() throws IOException {
    return forks().list().stream().collect(Collectors.toMap(ForkListing::name, ForkListing::state));
  }

  @Test
  void aForkIsOnePutBehindItsPin() throws Exception {
    List<String> order = new ArrayList<>();
    store.before(Operation.PUT_IF_ABSENT, "pins/fork/x-", () -> order.add("pin"));
    store.before(Operation.PUT_IF_ABSENT, "forks/x/stream.json", () -> order.add("stream.json"));
    LakeStream fork = forks().create("x", 6);
    assertThat(order).containsExactly("pin", "stream.json");
    assertThat(keys("forks/")).containsExactly("forks/x/stream.json");
    String pin = "pins/fork/x-" + fork.id() + ".json";
    assertThat(keys("pins/")).containsExactly(pin);
    assertThat(new Pins(parent()).list())
        .as("a pin as any other")
        .isEqualTo(
            new PinListing(
                List.of(new Pin(ObjectKey.of(pin), "fork", "x", 0, Optional.of(6L), time.millis())),
                List.of()));
    assertThat(states()).containsExactly(Map.entry("x", State.LIVE));
    assertThat(forks().list().get(0).document().orElseThrow().fork().orElseThrow().step())
        .isEqualTo(6);
  }

  @Test
  void aNameIsUsedOnce() throws Exception {
    forks().create("x", 6);
    Set<String> before = memory.contents().keySet();
    assertThatThrownBy(() -> forks().create("x", 3))
        .isInstanceOf(StreamExistsException.class)
        .hasMessageContaining("'x'");
    assertThat(memory.contents().keySet()).isEqualTo(before);
    forks().delete("x");
    assertThat(keys("forks/")).containsExactly("forks/x/deleted.json");
    assertThat(keys("pins/")).isEmpty();
    assertThatThrownBy(() -> forks().create("x", 3))
        .isInstanceOf(StreamExistsException.class)
        .hasMessageContaining("used once");
    assertThat(states()).containsExactly(Map.entry("x", State.DELETED));
  }

  /** Both have a pin; one has the name, and the other releases its pin. */
  @Test
  void ofTwoForksOfTheSameNameOneIsMade() throws Exception {
    store.before(
        Operation.PUT_IF_ABSENT,
        "forks/x/stream.json",
        () -> {
          try {
            new Forks(LakeStream.open(memory, time.environment())).create("x", 2);
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    assertThatThrownBy(() -> forks().create("x", 6)).isInstanceOf(StreamExistsException.class);
    LakeStream fork = LakeStream.open(FolderStore.ofFork(memory, "x"), time.environment());
    assertThat(fork.state().nextStep()).isEqualTo(2);
    assertThat(keys("pins/")).containsExactly("pins/fork/x-" + fork.id() + ".json");
  }

  @Test
  void stepsThatCannotBeForkedAt() throws Exception {
    StreamControl control = new StreamControl(LakeStream.open(memory, time.environment()));
    control.commit(new Action.Trim(2, control.commit(new Action.TrimIntent(2))));
    Set<String> before = memory.contents().keySet();
    assertThatThrownBy(() -> forks().create("x", 9))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("2 to 8");
    assertThatThrownBy(() -> forks().create("x", -1)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> forks().create("x", 1))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("first readable step is 2");
    assertThatThrownBy(() -> forks().create("../x", 4)).isInstanceOf(InvalidRequestException.class);
    assertThat(memory.contents().keySet()).isEqualTo(before);
  }

  @Test
  void anAnnouncedTrimIsCancelled() throws Exception {
    StreamControl control = new StreamControl(LakeStream.open(memory, time.environment()));
    long intent = control.commit(new Action.TrimIntent(5));
    LakeStream fork = forks().create("x", 6);
    assertThat(parent().state().intent()).isEmpty();
    assertThat(fork.state().firstReadable()).isZero();
    assertThatThrownBy(() -> control.commit(new Action.Trim(5, intent)))
        .hasMessageContaining("without an open intent");
  }

  /** The trim that was between the look and the pin wins; the fork begins with what is left. */
  @Test
  void aTrimThatIsFasterThanThePinIsRespected() throws Exception {
    store.before(Operation.PUT_IF_ABSENT, "pins/fork/x-", () -> trimTo(3));
    LakeStream fork = forks().create("x", 6);
    assertThat(fork.state().firstReadable()).isEqualTo(3);
    String pin = "pins/fork/x-" + fork.id() + ".json";
    assertThat(keys("pins/")).as("the first one is gone").containsExactly(pin);
    assertThat(new Pins(parent()).list().oldest(0)).map(Pin::from).contains(3L);
    store.before(Operation.PUT_IF_ABSENT, "pins/fork/y-", () -> trimTo(7));
    assertThatThrownBy(() -> forks().create("y", 6)).isInstanceOf(StepUnavailableException.class);
    assertThat(keys("pins/")).containsExactly(pin);
  }

  private void trimTo(long step) throws IOException {
    try {
      StreamControl control = new StreamControl(LakeStream.open(memory, time.environment()));
      control.commit(new Action.Trim(step, control.commit(new Action.TrimIntent(step))));
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Dies at each operation in turn; what is left is a pin at most, and can be cleared. */
  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"LOST_RESPONSE", "LOST_REQUEST", "REFUSED"})
  void aMakerThatDiesLeavesNoHalfFork(Fault fault) throws Exception {
    for (String prefix : new String[] {"pins/fork/", "forks/"}) {
      for (Operation operation : Operation.values()) {
        String name = (prefix.startsWith("pins") ? "p-" : "f-") + operation;
        store.plan(operation, prefix, fault);
        store.plan(operation, prefix, fault);
        boolean made = true;
        try {
          forks().create(name, 6);
        } catch (IOException e) {
          made = false;
        }
        store.clearPlans();
        State state = states().get(name);
        if (made) {
          assertThat(state).isEqualTo(State.LIVE);
        }
        if (state == State.LIVE) {
          assertThat(keys("pins/fork/" + name + "-")).as("%s %s", operation, prefix).hasSize(1);
          LakeStream fork = LakeStream.open(FolderStore.ofFork(memory, name), time.environment());
          assertThat(fork.groupOf(5).nextStep()).isEqualTo(6);
        } else if (state != null) {
          assertThat(state).isEqualTo(State.UNFINISHED);
        }
        if (state != null) {
          forks().delete(name);
          assertThat(states().get(name)).isEqualTo(State.DELETED);
        }
        assertThat(keys("pins/")).isEmpty();
      }
    }
  }

  @Test
  void deletionBeginsWithTheMarkAndEndsWithThePin() throws Exception {
    LakeStream fork = forks().create("x", 6);
    commit(fork, 2);
    commit(fork, 2);
    forks().create("x-2", 6);
    List<String> order = new ArrayList<>();
    store.before(Operation.PUT_IF_ABSENT, "forks/x/deleted.json", () -> order.add("mark"));
    store.before(Operation.DELETE, "forks/x/stream.json", () -> order.add("stream.json"));
    store.before(Operation.DELETE, "forks/x/log/", () -> order.add("log"));
    store.before(Operation.DELETE, "pins/fork/x-", () -> order.add("pin"));
    forks().delete("x");
    assertThat(order).containsExactly("mark", "stream.json", "log", "pin");
    assertThat(keys("forks/x/")).containsExactly("forks/x/deleted.json");
    assertThat(states()).containsEntry("x", State.DELETED).containsEntry("x-2", State.LIVE);
    assertThat(keys("pins/")).hasSize(1);
    assertThatThrownBy(() -> LakeStream.open(FolderStore.ofFork(memory, "x"), time.environment()))
        .isInstanceOf(StreamNotFoundException.class);
    assertThat(parent().groupOf(7).firstStep()).isEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"LOST_RESPONSE", "LOST_REQUEST", "REFUSED"})
  void aDeletionThatDiesIsFinishedByTheNext(Fault fault) throws Exception {
    String[] steps = {
      "forks/%s/deleted.json", "forks/%s/stream.json", "forks/%s/log/", "pins/fork/%s-"
    };
    for (int step = 0; step < steps.length; step++) {
      String name = "x" + step;
      LakeStream fork = forks().create(name, 6);
      commit(fork, 1);
      Operation operation = step == 0 ? Operation.PUT_IF_ABSENT : Operation.DELETE;
      store.plan(operation, steps[step].formatted(name), fault);
      store.plan(operation, steps[step].formatted(name), fault);
      try {
        forks().delete(name);
      } catch (IOException e) {
        State state = states().get(name);
        assertThat(state)
            .isIn(
                step == 0
                    ? List.of(State.LIVE, State.HALF_DELETED)
                    : List.of(State.HALF_DELETED, State.DELETED));
        assertThatThrownBy(() -> forks().create(name, 6)).isInstanceOf(StreamExistsException.class);
      }
      store.clearPlans();
      if (states().get(name) != State.DELETED) {
        forks().delete(name);
      }
      assertThat(states().get(name)).isEqualTo(State.DELETED);
      assertThat(keys("pins/fork/" + name + "-")).isEmpty();
    }
  }

  /** A maker that slept through another fork's life and death sees its mark. */
  @Test
  void aMakerThatSleepsMustNotBringADeadNameBack() throws Exception {
    store.before(
        Operation.PUT_IF_ABSENT,
        "forks/x/stream.json",
        () -> {
          try {
            Forks others = new Forks(LakeStream.open(memory, time.environment()));
            others.create("x", 2);
            others.delete("x");
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    assertThatThrownBy(() -> forks().create("x", 6))
        .isInstanceOf(StreamExistsException.class)
        .hasMessageContaining("deleted");
    assertThat(keys("forks/")).containsExactly("forks/x/deleted.json");
    assertThat(keys("pins/")).isEmpty();
  }

  @Test
  void aForkWithForksStays() throws Exception {
    LakeStream fork = forks().create("x", 6);
    new Forks(fork).create("y", 3);
    assertThatThrownBy(() -> forks().delete("x"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("forks/x/forks/y");
    new Forks(fork).delete("y");
    forks().delete("x");
    assertThat(keys("forks/x/")).containsExactly("forks/x/deleted.json");
    assertThatThrownBy(() -> forks().delete("z"))
        .isInstanceOf(StreamNotFoundException.class)
        .hasMessageContaining("'z'");
  }

  @Test
  void aForkWhoseDocumentIsDamagedCanBeDeleted() throws Exception {
    forks().create("x", 6);
    memory.put(ObjectKey.of("forks/x/stream.json"), new byte[100]);
    assertThat(states()).containsExactly(Map.entry("x", State.DAMAGED));
    forks().delete("x");
    assertThat(states()).containsExactly(Map.entry("x", State.DELETED));
  }
}
