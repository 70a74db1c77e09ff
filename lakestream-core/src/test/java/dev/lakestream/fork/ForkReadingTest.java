// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.error.UnsupportedFeatureException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.reader.Cursor;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.store.FolderStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.History;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.Seals;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read through a fork: the parent's steps up to where it left, then its own. */
class ForkReadingTest {
  private final VirtualTime time = new VirtualTime(7);
  private final InspectedStore memory = backing().empty(time);

  /** What keeps the objects; a subclass runs the same tests on another store. */
  protected Backing backing() {
    return Backing.memory();
  }

  private LakeStream parent() throws IOException, InterruptedException {
    LakeStream stream = LakeStream.create(memory, Samples.definition(), time.environment());
    commit(stream, "a", 4, 4, 4);
    return stream;
  }

  private static void commit(LakeStream stream, String producer, int... steps)
      throws IOException, InterruptedException {
    ProducerSession session = ProducerSession.open(stream, producer);
    for (int count : steps) {
      session.commit(
          Commit.of(Samples.whole(Samples.bundle(session.newBundleKey(), count, 8, 1)), "s"));
    }
  }

  private LakeStream open(String... names) throws IOException {
    ObjectStore store = memory;
    for (String name : names) {
      store = FolderStore.ofFork(store, name);
    }
    return LakeStream.open(store, time.environment());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 4, 6, 8, 11, 12})
  void hasTheStepsOfItsParentAndThenItsOwn(long step) throws Exception {
    LakeStream parent = parent();
    LakeStream fork = new Forks(parent).create("x", step);
    commit(fork, "a", 3);
    commit(parent, "b", 2);
    LakeStream opened = open("x");
    assertThat(opened.state().nextStep()).isEqualTo(step + 3);
    assertThat(opened.state().totals().rows()).isEqualTo(16 * (step + 3));
    for (long each = 0; each < step; each++) {
      CommittedGroup theirs = parent.groupOf(each);
      CommittedGroup ours = opened.groupOf(each);
      assertThat(ours.step(each)).isEqualTo(theirs.step(each));
      assertThat(ours.sources(each)).isEqualTo(theirs.sources(each));
      assertThat(ours.before(each)).isEqualTo(theirs.before(each));
      assertThat(ours.version()).isEqualTo(theirs.version());
      assertThat(ours.nextStep()).isLessThanOrEqualTo(step);
      assertThat(ours.ancestor()).isEqualTo(1);
      assertThat(opened.storeOf(ours)).isSameAs(memory);
    }
    CommittedGroup own = opened.groupOf(step);
    assertThat(own.firstStep()).isEqualTo(step);
    assertThat(own.ancestor()).isZero();
    assertThat(own.version()).isGreaterThan(parent.groupOf(11).version());
    assertThat(opened.storeOf(own)).isSameAs(opened.store());
    assertThat(own.before(step).rows()).isEqualTo(16 * step);
    assertThat(opened.producer("a").orElseThrow().epoch()).as("begins anew").isEqualTo(1);
  }

  @Test
  void aForkOfAForkReachesThroughBoth() throws Exception {
    LakeStream parent = parent();
    LakeStream fork = new Forks(parent).create("x", 6);
    commit(fork, "b", 4);
    LakeStream second = new Forks(fork).create("y", 8);
    commit(second, "c", 1);
    LakeStream opened = open("x", "y");
    assertThat(opened.state().nextStep()).isEqualTo(9);
    assertThat(opened.groupOf(5).ancestor()).isEqualTo(2);
    assertThat(opened.groupOf(5).nextStep()).isEqualTo(6);
    assertThat(opened.groupOf(6).ancestor()).isEqualTo(1);
    assertThat(opened.groupOf(7).nextStep()).isEqualTo(8);
    assertThat(opened.groupOf(8).ancestor()).isZero();
    assertThat(opened.storeOf(opened.groupOf(0))).isSameAs(memory);
    assertThat(opened.firstStepOf(opened.groupOf(5).version())).isEqualTo(4);
    assertThat(opened.firstStepOf(opened.groupOf(7).version())).isEqualTo(6);
    assertThat(opened.firstStepOf(opened.groupOf(8).version())).isEqualTo(8);
    assertThatThrownBy(() -> opened.firstStepOf(parent.groupOf(8).version()))
        .isInstanceOf(StepUnavailableException.class);
    // A cursor of the outermost stream goes on in the innermost, one of another stream does not.
    assertThat(opened.check(parent.cursor(6, -1)).stream()).isEqualTo(opened.id());
    assertThat(opened.check(fork.cursor(8, -1))).isEqualTo(opened.cursor(8, -1));
    assertThatThrownBy(() -> opened.check(parent.cursor(7, -1)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("left it at step 6");
    Cursor foreign =
        new Cursor(UUID.randomUUID(), 2, -1, parent.groupOf(1).entry(), parent.groupOf(1).entry());
    assertThatThrownBy(() -> opened.check(foreign))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("belongs to the stream");
  }

  @Test
  void cursorsFromBeforeTheForkGoOnInIt() throws Exception {
    LakeStream parent = parent();
    long skip = new StreamControl(parent).commit(new Action.Skip(1, 2, "early"));
    LakeStream fork = new Forks(parent).create("x", 6);
    long late = new StreamControl(parent).commit(new Action.Skip(2, 3, "after the fork"));
    commit(fork, "b", 4);
    for (long step = 0; step <= 6; step++) {
      Cursor adopted = fork.check(parent.cursor(step, skip));
      assertThat(adopted).isEqualTo(fork.cursor(step, skip));
      assertThat(adopted.stream()).isEqualTo(fork.id());
      assertThat(adopted.rules()).isEqualTo(skip);
      assertThat(fork.check(adopted)).isEqualTo(adopted);
    }
    assertThat(fork.state().skips(1, skip)).isTrue();
    assertThatThrownBy(() -> fork.check(parent.cursor(7, -1)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("step 7")
        .hasMessageContaining("step 6");
    assertThatThrownBy(() -> fork.check(parent.cursor(3, late)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("rules version " + late);
    assertThatThrownBy(() -> parent.check(fork.cursor(3, -1)))
        .as("there is no way back")
        .isInstanceOf(InvalidRequestException.class);
    Cursor fits = parent.cursor(5, -1);
    Cursor other = new Cursor(fits.stream(), 5, -1, fits.chain(), Digest.ZERO);
    assertThatThrownBy(() -> fork.check(other))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("digests");
  }

  @Test
  void rulesAndSchemasGoOnWithTheVersions() throws Exception {
    LakeStream parent = parent();
    StreamSchema wider =
        new StreamSchema(
            1,
            List.of(Samples.TOKENS, Field.nullable("score", ColumnType.Simple.FLOAT32)),
            List.of("tokens"),
            Optional.empty());
    StreamControl control = new StreamControl(parent);
    long schema = control.commit(new Action.AddSchema(wider), new Action.Defaults(16, 2));
    control.commit(new Action.Skip(2, 9, "crosses the fork"));
    control.commit(new Action.Skip(8, 10, "behind the fork"));
    LakeStream fork = new Forks(parent).create("x", 5);
    assertThat(fork.state().version()).isEqualTo(parent.state().version());
    assertThat(fork.state().defaults()).isEqualTo(new Action.Defaults(16, 2));
    assertThat(fork.state().schemas()).isEqualTo(parent.state().schemas());
    assertThat(fork.state().schemaAt(schema - 1).id()).isZero();
    assertThat(fork.state().schemaAt(schema)).isEqualTo(wider);
    assertThat(fork.state().skips())
        .singleElement()
        .extracting("from", "to")
        .containsExactly(2L, 5L);
    long own = new StreamControl(fork).commit(new Action.Skip(0, 1, "own"));
    assertThat(own).isEqualTo(parent.state().version() + 1);
    assertThat(open("x").state().skips()).hasSize(2);
  }

  @Test
  void aTrimOfTheParentIsTold() throws Exception {
    LakeStream parent = parent();
    LakeStream fork = new Forks(parent).create("x", 6);
    fork.groupOf(3);
    StreamControl control = new StreamControl(parent);
    long intent = control.commit(new Action.TrimIntent(5));
    control.commit(new Action.Trim(5, intent)); // by someone who does not mind pins
    assertThat(fork.refreshFirstReadable()).isEqualTo(5);
    assertThatThrownBy(() -> fork.groupOf(3))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("the first readable step is 5")
        .hasMessageContaining(parent.id().toString());
    assertThat(open("x").firstReadable()).isEqualTo(5);
    assertThat(open("x").groupOf(5).firstStep()).isEqualTo(4);
    intent = control.commit(new Action.TrimIntent(9));
    control.commit(new Action.Trim(9, intent));
    assertThat(open("x").firstReadable()).isEqualTo(6);
    assertThatThrownBy(() -> open("x").groupOf(5)).isInstanceOf(StepUnavailableException.class);
  }

  @Test
  void aForkIsTrimmedOnItsOwn() throws Exception {
    LakeStream parent = parent();
    LakeStream fork = new Forks(parent).create("x", 6);
    commit(fork, "b", 4);
    StreamControl control = new StreamControl(fork);
    long intent = control.commit(new Action.TrimIntent(8));
    control.commit(new Action.Trim(3, intent));
    assertThat(fork.firstReadable()).isEqualTo(3);
    assertThatThrownBy(() -> fork.groupOf(2)).isInstanceOf(StepUnavailableException.class);
    assertThat(fork.groupOf(3).firstStep()).isZero();
    intent = control.commit(new Action.TrimIntent(8));
    control.commit(new Action.Trim(8, intent));
    assertThat(fork.firstReadable()).isEqualTo(8);
    assertThat(parent.groupOf(0).firstStep()).as("the parent keeps its steps").isZero();
  }

  @Test
  void forkAtATrimmedStep() throws Exception {
    LakeStream parent = parent();
    StreamControl control = new StreamControl(parent);
    long intent = control.commit(new Action.TrimIntent(4));
    control.commit(new Action.Trim(4, intent));
    Cursor former =
        new Cursor(parent.id(), 4, -1, parent.groupOf(4).entry(), parent.groupOf(4).entry());
    LakeStream fork = new Forks(parent).create("x", 4);
    commit(fork, "b", 2);
    assertThat(fork.groupOf(4).ancestor()).isZero();
    assertThat(fork.check(former).nextStep()).as("nothing to compare it with").isEqualTo(4);
    assertThatThrownBy(() -> fork.groupOf(3)).isInstanceOf(StepUnavailableException.class);
    assertThat(memory.contents().keySet()).noneMatch(key -> key.startsWith("pins/"));
  }

  @ParameterizedTest
  @CsvSource({
    "parent, 00000000-0000-4000-8000-000000000000",
    "chain, ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "digest, ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  })
  void aParentOfAnotherHistoryIsRefused(String member, String value) throws Exception {
    LakeStream parent = parent();
    new Forks(parent).create("x", 6);
    ObjectKey key = ObjectKey.of("forks/x/stream.json");
    String plain = Seals.unseal(memory.get(key, 1 << 20));
    memory.put(
        key,
        Seals.seal(
            plain.replaceFirst(
                "\"" + member + "\":\"[^\"]+\"", "\"" + member + "\":\"" + value + "\"")));
    LakeStream fork = open("x");
    assertThatThrownBy(() -> fork.groupOf(0))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("stream.json")
        .hasMessageContaining(value);
  }

  @Test
  void aParentThatIsShorterOrGoneIsRefused() throws Exception {
    LakeStream parent = parent();
    new Forks(parent).create("x", 12);
    memory.delete(StreamKeys.entry(parent.state().version()));
    LakeStream fork = open("x");
    assertThatThrownBy(() -> fork.groupOf(0))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("which has 8 steps");
    memory.delete(StreamKeys.STREAM);
    LakeStream orphan = open("x");
    assertThatThrownBy(() -> orphan.groupOf(0))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("is not at " + memory.root());
  }

  @Test
  void aForkElsewhereThanBelowItsParentHasNoParent() throws Exception {
    LakeStream parent = parent();
    new Forks(parent).create("x", 6);
    InspectedStore elsewhere = backing().empty(time);
    elsewhere.putIfAbsent(
        StreamKeys.STREAM, memory.get(ObjectKey.of("forks/x/stream.json"), 1 << 20));
    LakeStream fork = LakeStream.open(elsewhere, time.environment());
    assertThatThrownBy(() -> fork.groupOf(0))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("no folder forks/x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"requires\":\\[\"fork\"\\] | \"requires\":[]",
        "\"fork\":\\{ | \"spoon\":{",
        "\"first_readable\":0 | \"first_readable\":7",
        "\"version\":\\d+ | \"version\":-1",
        "\"name\":\"x\" | \"name\":\"../x\"",
        "\"step\":6 | \"step\":0",
      })
  void aDocumentThatIsNotInOrderIsMalformed(String what, String with) throws Exception {
    new Forks(parent()).create("x", 6);
    ObjectKey key = ObjectKey.of("forks/x/stream.json");
    String plain = Seals.unseal(memory.get(key, 1 << 20));
    String changed = plain.replaceFirst(what, with);
    assertThat(changed).isNotEqualTo(plain);
    memory.put(key, Seals.seal(changed));
    assertThatThrownBy(() -> open("x"))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("stream.json");
  }

  @Test
  void whatIsUnknownIsStillRefused() {
    memory.putIfAbsent(
        StreamKeys.STREAM,
        SealedJson.seal(
            (com.fasterxml.jackson.databind.node.ObjectNode)
                SealedJson.object()
                    .put("lakestream", 1)
                    .set("requires", SealedJson.object().arrayNode().add("spork"))));
    assertThatThrownBy(() -> LakeStream.open(memory, time.environment()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("spork");
  }

  /** Snapshots of a fork index its own steps, and a stream opened with one finds all the others. */
  @ParameterizedTest
  @ValueSource(longs = {0, 3, 6})
  void aForkIsFolded(long step) throws Exception {
    History history = History.begin(11, backing());
    history.open("a");
    history.commit("a", 4);
    history.commit("a", 2);
    History fork = history.fork("x", step);
    fork.snapshot(SnapshotWriter.Shape.DEFAULT, Optional.empty());
    fork.open("b");
    fork.commit("b", 3);
    fork.commit("b", 3);
    LakeStream plain = LakeStream.open(fork.home(), fork.environment());
    fork.snapshot(SnapshotWriter.Shape.DEFAULT, Optional.empty());
    fork.removeBelow(fork.state().version());
    LakeStream folded = LakeStream.open(fork.home(), fork.environment());
    assertThat(folded.entriesSinceSnapshot()).isZero();
    assertThat(folded.state()).isEqualTo(plain.state());
    for (long each = 0; each < step + 6; each++) {
      assertThat(folded.groupOf(each)).isEqualTo(plain.groupOf(each));
    }
    assertThat(
            folded.check(LakeStream.open(history.home(), history.environment()).cursor(step, -1)))
        .isEqualTo(folded.cursor(step, -1));
  }

  @Test
  void aSnapshotOfAnotherFirstOwnStepIsPassedOver() throws Exception {
    History history = History.begin(12, backing());
    history.open("a");
    history.commit("a", 4);
    History fork = history.fork("x", 2);
    fork.open("b");
    fork.commit("b", 3);
    fork.snapshot(SnapshotWriter.Shape.DEFAULT, Optional.empty());
    ObjectKey root = StreamKeys.snapshot(fork.state().version());
    byte[] good = fork.home().get(root, 1 << 20);
    fork.home()
        .put(
            root,
            Seals.changed(good, plain -> plain.replaceFirst("\"first_own\":2", "\"first_own\":1")));
    LakeStream opened = LakeStream.open(fork.home(), fork.environment());
    assertThat(opened.entriesSinceSnapshot()).as("folded from its beginning").isEqualTo(2);
    assertThat(opened.groupOf(2).ancestor()).isZero();
  }
}
