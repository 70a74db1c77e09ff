// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.UnsupportedFeatureException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.testing.History;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.Seals;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The rules of {@code docs/format.md} §6, one by one: what is valid, void, malformed. */
class ValidityTest {
  private static final UUID SOME_UUID = UUID.fromString("3f8fad5b-d9cb-469f-a165-70867728950e");

  /** Producer {@code a} in epoch 1 with 6 steps in two commits; producer {@code b} just opened. */
  private final History history = History.begin(1);

  ValidityTest() {
    history.open("a");
    history.commit("a", 4);
    history.commit("a", 2);
    history.open("b");
  }

  private void assertValid(UnaryOperator<LogEntry> change) {
    assertThat(history.append(change).problem()).isEmpty();
  }

  private void assertVoid(String why, UnaryOperator<LogEntry> change) {
    StreamState before = history.state();
    Optional<ProducerState> a = history.fold().producer("a");
    Optional<ProducerState> b = history.fold().producer("b");
    Verdict verdict = history.append(change);
    assertThat(verdict.problem()).as("void").isPresent();
    assertThat(verdict.problem().orElseThrow()).contains(why);
    assertThat(verdict.condensed()).isEmpty();
    // It occupies its version and continues the chain, and nothing else.
    assertThat(history.state().version()).isEqualTo(before.version() + 1);
    assertThat(history.state().digest()).isEqualTo(verdict.digest());
    assertThat(history.state())
        .usingRecursiveComparison()
        .ignoringFields("version", "digest")
        .isEqualTo(before);
    assertThat(history.fold().producer("a")).isEqualTo(a);
    assertThat(history.fold().producer("b")).isEqualTo(b);
  }

  private static LogEntry with(LogEntry entry, String member, String value) {
    String body = Seals.unseal(EntryJson.encode(entry));
    String changed =
        body.replaceFirst("\"" + member + "\":(\"[^\"]*\"|\\d+)", "\"" + member + "\":" + value);
    assertThat(changed).isNotEqualTo(body);
    return EntryJson.decode("changed", entry.version(), Seals.seal(changed));
  }

  private static LogEntry stamped(LogEntry entry, String id, long epoch, long sequence) {
    return stamped(entry, id, epoch, sequence, CommitContent.none());
  }

  private static LogEntry stamped(
      LogEntry entry, String id, long epoch, long sequence, CommitContent content) {
    return entry.with(
        new ProducerStamp(id, epoch, sequence),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        content);
  }

  private static Attachment attachment(String name, BundleDescriptor bundle) {
    return new Attachment(name, bundle);
  }

  @Test
  void rule1TimeDoesNotGoBack() {
    long now = history.state().time();
    assertVoid("its time", entry -> with(entry, "time", Long.toString(now - 1)));
    assertValid(entry -> with(entry, "time", Long.toString(now)));
    // A void entry's time does not count either.
    assertVoid(
        "it begins at", entry -> with(with(entry, "time", "9007199254740991"), "first_row", "1"));
    assertThat(history.state().time()).isEqualTo(now);
    assertValid(entry -> with(entry, "time", Long.toString(now)));
  }

  @Test
  void rule2TotalsContinue() {
    for (String member : List.of("first_step", "first_row", "first_token")) {
      assertVoid("it begins at", entry -> with(entry, member, "0"));
      assertVoid("it begins at", entry -> with(entry, member, "7000000"));
    }
    assertValid(entry -> entry);
  }

  @Test
  void rule3Opening() {
    assertVoid("epoch 2 of c, the next is 1", entry -> stamped(entry, "c", 2, 0));
    assertVoid("epoch 1 of a, the next is 2", entry -> stamped(entry, "a", 1, 0));
    assertVoid("epoch 3 of a, the next is 2", entry -> stamped(entry, "a", 3, 0));
    assertValid(entry -> stamped(entry, "c", 1, 0));
    assertValid(entry -> stamped(entry, "a", 2, 0));
    assertThat(history.fold().producer("a").orElseThrow())
        .extracting(ProducerState::epoch, ProducerState::sequence, ProducerState::state)
        .containsExactly(2L, 0L, "at 6");
  }

  @Test
  void rule3AnOpeningCarriesNothingElse() {
    ProducerStamp stamp = new ProducerStamp("a", 2, 0);
    BundleDescriptor bundle = Samples.bundle("a", 2, SOME_UUID, 1);
    String more = "carries more";
    assertVoid(
        more,
        e -> e.with(stamp, Optional.of(""), List.of(), Optional.empty(), CommitContent.none()));
    assertVoid(
        more,
        e ->
            e.with(
                stamp,
                Optional.empty(),
                List.of(attachment("x", bundle)),
                Optional.empty(),
                CommitContent.none()));
    assertVoid(
        more,
        e -> e.with(stamp, Optional.empty(), List.of(), Optional.of("k"), CommitContent.none()));
    assertVoid(more, entry -> stamped(entry, "a", 2, 0, Samples.whole(bundle)));
    assertVoid(
        more,
        entry -> stamped(entry, "a", 2, 0, new CommitContent.Inline(List.of(bundle), List.of())));
    assertVoid(more, entry -> stamped(entry, "a", 2, 0, segmented("a", 2)));
    // Actions it may carry, and lists that are empty are as if they were absent.
    assertValid(
        entry ->
            EntryJson.decode(
                "x",
                entry.version(),
                Seals.seal(
                    Seals.unseal(
                            EntryJson.encode(
                                stamped(entry, "a", 2, 0)
                                    .with(List.of(new Action.Defaults(16, 1)))))
                        + ",\"bundles\":[],\"steps\":[],\"segments\":[],\"attachments\":[]")));
  }

  @Test
  void rule3Continuing() {
    assertVoid("has never opened", entry -> stamped(entry, "c", 1, 1));
    assertVoid("its epoch is 2", entry -> stamped(entry, "a", 2, 1));
    assertVoid("its sequence is 2", entry -> stamped(entry, "a", 1, 2));
    assertVoid("its sequence is 4", entry -> stamped(entry, "a", 1, 4));
    assertValid(entry -> stamped(entry, "a", 1, 3));
    assertVoid("its sequence is 3", entry -> stamped(entry, "a", 1, 3));
    history.open("a");
    // The zombie of the former session.
    assertVoid("its epoch is 1", entry -> stamped(entry, "a", 1, 4));
    assertValid(entry -> stamped(entry, "a", 2, 1));
  }

  @Test
  void rule4IdempotenceKeysAreUsedOnce() {
    UnaryOperator<LogEntry> commit =
        entry ->
            entry.with(
                history.nextStamp("a"),
                Optional.empty(),
                List.of(),
                Optional.of("nightly"),
                CommitContent.none());
    assertValid(commit);
    assertVoid("'nightly'", commit);
    // Also from another producer; and a void entry does not use its key up.
    assertVoid(
        "'nightly'",
        entry ->
            entry.with(
                history.nextStamp("b"),
                Optional.empty(),
                List.of(),
                Optional.of("nightly"),
                CommitContent.none()));
    assertVoid(
        "epoch",
        entry ->
            entry.with(
                new ProducerStamp("b", 9, 1),
                Optional.empty(),
                List.of(),
                Optional.of("other"),
                CommitContent.none()));
    assertThat(history.fold().hasKey("other")).isFalse();
    assertThat(history.fold().folded().keys()).containsOnlyKeys("nightly");
  }

  @Test
  void rule5NothingGrowsAfterTheSeal() {
    assertThat(history.act(new Action.Seal()).valid()).isTrue();
    assertThat(history.state().sealed()).isTrue();
    assertVoid("sealed", entry -> entry.with(List.of(new Action.Seal())));
    assertVoid("sealed", entry -> entry.with(List.of(new Action.Defaults(4, 1))));
    assertVoid("sealed", entry -> entry.with(List.of(new Action.AddSchema(wider(1)))));
    assertVoid(
        "sealed",
        entry -> stamped(entry, "a", 1, 3, Samples.whole(Samples.bundle("a", 1, SOME_UUID, 1))));
    // What adds no step goes on: retention, skips, sessions, states.
    assertValid(entry -> entry.with(List.of(new Action.Skip(0, 1, "bad"))));
    assertValid(entry -> entry.with(List.of(new Action.TrimIntent(2))));
    assertValid(entry -> stamped(entry, "a", 1, 3));
    assertValid(entry -> stamped(entry, "c", 1, 0));
  }

  @Test
  void rule5SealingWithTheLastSteps() {
    BundleDescriptor last = history.bundle("a", 2);
    assertValid(
        entry -> stamped(entry, "a", 1, 3, Samples.whole(last)).with(List.of(new Action.Seal())));
    assertThat(history.state().nextStep()).isEqualTo(8);
    assertThat(history.state().sealed()).isTrue();
  }

  @Test
  void rule6KeysAreOwned() {
    List<ObjectKey> strangers = new ArrayList<>();
    strangers.add(StreamKeys.bundle("b", 1, SOME_UUID));
    strangers.add(StreamKeys.bundle("a", 2, SOME_UUID));
    strangers.add(StreamKeys.bundle("a", 0, SOME_UUID));
    strangers.add(StreamKeys.commitSegment("a", 1, SOME_UUID));
    strangers.add(ObjectKey.of("data/00/a/1/" + SOME_UUID + ".arrow"));
    strangers.add(ObjectKey.of("stream.json"));
    strangers.add(ObjectKey.of("forks/x/data/3f/a/1/" + SOME_UUID + ".arrow"));
    for (ObjectKey key : strangers) {
      BundleDescriptor bundle = Samples.bundle(key, 1, 8, 1);
      assertVoid("is not a epoch 1", e -> stamped(e, "a", 1, 3, Samples.whole(bundle)));
      assertVoid(
          "is not a epoch 1",
          entry ->
              entry.with(
                  new ProducerStamp("a", 1, 3),
                  Optional.empty(),
                  List.of(attachment("x", bundle)),
                  Optional.empty(),
                  CommitContent.none()));
    }
    // Not even its own bundle of an earlier commit, unless it was attached.
    BundleDescriptor first =
        ((CommitContent.Inline) history.commits().get(0).content()).bundles().get(0);
    history.open("a");
    assertVoid("is not a epoch 2", e -> stamped(e, "a", 2, 1, Samples.whole(first)));
  }

  @Test
  void rule6SegmentsAreOwned() {
    assertVoid("the segment", entry -> stamped(entry, "a", 1, 3, segmented("b", 1)));
    assertVoid("the segment", entry -> stamped(entry, "a", 1, 3, segmented("a", 2)));
    SegmentRef own = ((CommitContent.Segmented) segmented("a", 1)).segments().get(0);
    assertVoid(
        "appears twice",
        entry -> stamped(entry, "a", 1, 3, new CommitContent.Segmented(List.of(own, own))));
    assertValid(entry -> stamped(entry, "a", 1, 3, new CommitContent.Segmented(List.of(own))));
    assertThat(history.state().nextStep()).isEqualTo(6 + 5);
  }

  private static CommitContent segmented(String producer, long epoch) {
    return new CommitContent.Segmented(
        List.of(
            new SegmentRef(
                StreamKeys.commitSegment(producer, epoch, SOME_UUID),
                100,
                Digest.ZERO,
                new Totals(5, 80, 0))));
  }

  @Test
  void rule6SchemasAreKnownBefore() {
    BundleDescriptor strange = withSchema(history.bundle("a", 1), 1);
    assertVoid("schema 1", e -> stamped(e, "a", 1, 3, Samples.whole(strange)));
    // Not even if the entry declares it itself.
    assertVoid(
        "schema 1",
        entry ->
            stamped(entry, "a", 1, 3, Samples.whole(strange))
                .with(List.of(new Action.AddSchema(wider(1)))));
    history.act(new Action.AddSchema(wider(1)));
    assertValid(e -> stamped(e, "a", 1, 3, Samples.whole(strange)));
  }

  private static BundleDescriptor withSchema(BundleDescriptor bundle, int schema) {
    return new BundleDescriptor(
        bundle.key(),
        bundle.bytes(),
        bundle.format(),
        schema,
        bundle.steps(),
        bundle.slots(),
        bundle.pieces(),
        bundle.runs());
  }

  @Test
  void rule6NoBundleTwice() {
    BundleDescriptor bundle = history.bundle("a", 1);
    CommitContent.Inline once = Samples.whole(bundle);
    assertVoid(
        "appears twice",
        e ->
            stamped(
                e, "a", 1, 3, new CommitContent.Inline(List.of(bundle, bundle), once.groups())));
    assertValid(e -> stamped(e, "a", 1, 3, once));
  }

  @Test
  void rule6AttachmentsMayBeTakenOver() {
    BundleDescriptor rest = history.bundle("a", 1);
    BundleDescriptor other = history.bundle("a", 1);
    history.commit(
        "a",
        CommitContent.none(),
        List.of(attachment("rest", rest), attachment("other", other)),
        Optional.empty());
    history.open("a"); // keeps them
    assertThat(history.fold().producer("a").orElseThrow().attachments()).hasSize(2);
    // By nobody else, ...
    assertVoid("is not b", e -> stamped(e, "b", 1, 1, Samples.whole(rest)));
    // ... by its owner as a bundle and as an attachment that it keeps, ...
    assertThat(
            history
                .commit(
                    "a", Samples.whole(rest), List.of(attachment("still", other)), Optional.empty())
                .problem())
        .isEmpty();
    assertThat(history.fold().producer("a").orElseThrow().attachments())
        .containsExactly(attachment("still", other));
    // ... and not after a commit has dropped them.
    assertVoid("is not a epoch 2", e -> stamped(e, "a", 2, 2, Samples.whole(rest)));
    history.commit("a", 1);
    assertThat(history.fold().producer("a").orElseThrow().attachments()).isEmpty();
    assertVoid("is not a epoch 2", e -> stamped(e, "a", 2, 3, Samples.whole(other)));
  }

  @Test
  void rule7Schema() {
    assertVoid("id is 2", e -> e.with(List.of(new Action.AddSchema(wider(2)))));
    assertVoid("id is 0", e -> e.with(List.of(new Action.AddSchema(wider(0)))));
    StreamSchema narrower =
        new StreamSchema(
            1,
            List.of(Field.nullable("other", ColumnType.Simple.INT8)),
            List.of(),
            Optional.empty());
    assertVoid("does not begin", e -> e.with(List.of(new Action.AddSchema(narrower))));
    StreamSchema notNullable =
        new StreamSchema(
            1,
            List.of(Samples.TOKENS, Field.required("score", ColumnType.Simple.FLOAT32)),
            List.of("tokens"),
            Optional.empty());
    assertVoid("not nullable", e -> e.with(List.of(new Action.AddSchema(notNullable))));
    StreamSchema otherSequence =
        new StreamSchema(1, wider(1).fields(), List.of(), Optional.empty());
    assertVoid("sequence", e -> e.with(List.of(new Action.AddSchema(otherSequence))));
    // Two at once: each against what the one before leaves.
    assertValid(
        e -> e.with(List.of(new Action.AddSchema(wider(1)), new Action.AddSchema(wider(2)))));
    assertThat(history.state().schemas()).hasSize(3);
    assertThat(history.state().schema().id()).isEqualTo(2);
    assertThat(history.state().schemaAt(3).id()).isZero();
    assertThat(history.state().schemaAt(history.state().version()).id()).isEqualTo(2);
  }

  private static StreamSchema wider(int id) {
    List<Field> fields = new ArrayList<>(List.of(Samples.TOKENS));
    for (int i = 1; i <= id; i++) {
      fields.add(Field.nullable("added-" + i, ColumnType.Simple.FLOAT32));
    }
    return new StreamSchema(id, fields, List.of("tokens"), Optional.empty());
  }

  @Test
  void rule7Defaults() {
    assertValid(e -> e.with(List.of(new Action.Defaults(65_536, 16))));
    assertThat(history.state().defaults()).isEqualTo(new Action.Defaults(65_536, 16));
  }

  @Test
  void rule7Skip() {
    assertVoid("skips [3, 3)", e -> e.with(List.of(new Action.Skip(3, 3, ""))));
    assertVoid("skips [4, 3)", e -> e.with(List.of(new Action.Skip(4, 3, ""))));
    assertVoid("skips [0, 7)", e -> e.with(List.of(new Action.Skip(0, 7, ""))));
    assertValid(e -> e.with(List.of(new Action.Skip(5, 6, "loss spike"))));
    long version = history.state().version();
    assertThat(history.state().skips(5, version)).isTrue();
    assertThat(history.state().skips(5, version - 1)).isFalse();
    assertThat(history.state().skips(5, -1)).isFalse();
    assertThat(history.state().skips(4, version)).isFalse();
    // Its own steps count: actions come after the steps.
    BundleDescriptor bundle = history.bundle("a", 3);
    assertValid(
        e ->
            stamped(e, "a", 1, 3, Samples.whole(bundle))
                .with(List.of(new Action.Skip(6, 9, "all of it"))));
  }

  @Test
  void rule7TrimNeedsItsIntent() {
    assertVoid("without an open intent", e -> e.with(List.of(new Action.Trim(2, 4))));
    assertVoid("intends to trim to 7", e -> e.with(List.of(new Action.TrimIntent(7))));
    assertValid(e -> e.with(List.of(new Action.TrimIntent(4))));
    long first = history.state().version();
    assertVoid("without an open intent", e -> e.with(List.of(new Action.Trim(2, first - 1))));
    assertVoid("without an open intent", e -> e.with(List.of(new Action.Trim(5, first))));
    assertValid(e -> e.with(List.of(new Action.TrimIntent(6)))); // replaces the first
    long second = history.state().version();
    assertVoid("without an open intent", e -> e.with(List.of(new Action.Trim(2, first))));
    assertVoid("is not open", e -> e.with(List.of(new Action.CancelIntent(first))));
    assertValid(e -> e.with(List.of(new Action.Trim(3, second))));
    assertThat(history.state().firstReadable()).isEqualTo(3);
    assertThat(history.state().intent()).isEmpty();
    // Closed by it: no second trim, no cancelling, and none may go back.
    assertVoid("without an open intent", e -> e.with(List.of(new Action.Trim(4, second))));
    assertVoid("is not open", e -> e.with(List.of(new Action.CancelIntent(second))));
    assertVoid("intends to trim to 2", e -> e.with(List.of(new Action.TrimIntent(2))));
    assertValid(e -> e.with(List.of(new Action.TrimIntent(3))));
    long third = history.state().version();
    assertVoid("without an open intent", e -> e.with(List.of(new Action.Trim(2, third))));
    assertValid(e -> e.with(List.of(new Action.CancelIntent(third))));
    assertVoid("without an open intent", e -> e.with(List.of(new Action.Trim(3, third))));
  }

  @Test
  void rule7IntentAndTrimInOneEntry() {
    long version = history.state().version() + 1;
    assertValid(e -> e.with(List.of(new Action.TrimIntent(4), new Action.Trim(4, version))));
    assertThat(history.state().firstReadable()).isEqualTo(4);
  }

  @Test
  void rule7SealOnce() {
    assertVoid("sealed", e -> e.with(List.of(new Action.Seal(), new Action.Seal())));
    // Rule 5 asks for the state before the entry only.
    assertValid(e -> e.with(List.of(new Action.Seal(), new Action.Defaults(4, 1))));
  }

  @Test
  void rule7RetireAndReopen() {
    assertVoid("retires epoch 1 of c", e -> e.with(List.of(new Action.Retire("c", 1))));
    assertVoid("retires epoch 2 of a", e -> e.with(List.of(new Action.Retire("a", 2))));
    assertValid(e -> e.with(List.of(new Action.Retire("a", 1))));
    assertThat(history.fold().producer("a").orElseThrow().retired()).isTrue();
    assertVoid("is retired", e -> stamped(e, "a", 1, 3));
    assertVoid("the next is 2", e -> stamped(e, "a", 1, 0));
    assertValid(e -> e.with(List.of(new Action.Retire("a", 1))));
    assertValid(e -> stamped(e, "a", 2, 0));
    assertThat(history.fold().producer("a").orElseThrow())
        .extracting(ProducerState::retired, ProducerState::state)
        .containsExactly(false, "at 6");
    // An entry may retire the session that it opens.
    assertValid(e -> stamped(e, "a", 3, 0).with(List.of(new Action.Retire("a", 3))));
    assertThat(history.fold().producer("a").orElseThrow().retired()).isTrue();
  }

  @Test
  void nothingOfAVoidEntryIsApplied() {
    BundleDescriptor bundle = history.bundle("a", 1);
    assertVoid(
        "skips",
        e ->
            e.with(
                    new ProducerStamp("a", 1, 3),
                    Optional.of("lost"),
                    List.of(attachment("x", bundle)),
                    Optional.of("key"),
                    Samples.whole(bundle))
                .with(
                    List.of(
                        new Action.Defaults(4, 1),
                        new Action.AddSchema(wider(1)),
                        new Action.Retire("b", 1),
                        new Action.Seal(),
                        new Action.Skip(1, 1, ""))));
    assertThat(history.fold().hasKey("key")).isFalse();
  }

  @Test
  void aBrokenChainIsAnError() {
    assertMalformed(e -> with(e, "prev", "\"" + "0".repeat(64) + "\""), "replaced");
    assertThatThrownBy(() -> history.append(history.entries().get(0)))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("version 0");
  }

  @Test
  void whatNobodyKnowsStopsTheFold() {
    String plain = Seals.unseal(EntryJson.encode(history.next()));
    assertThatThrownBy(() -> history.append(Seals.seal(plain + ",\"requires\":[\"time-travel\"]")))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("time-travel")
        .hasMessageContaining("log/00000000000000000004.json");
    assertThatThrownBy(
            () ->
                history.append(Seals.seal(plain + ",\"actions\":[{\"type\":\"rewind\",\"to\":1}]")))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("rewind");
    assertThat(history.append(Seals.seal(plain + ",\"mood\":{\"good\":-1}")).valid()).isTrue();
  }

  private void assertMalformed(UnaryOperator<LogEntry> change, String why) {
    StreamState before = history.state();
    assertThatThrownBy(() -> history.append(change))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining(why)
        .hasMessageContaining("log/00000000000000000004.json");
    assertThat(history.state()).isEqualTo(before);
  }

  @Test
  void rule8RepeatsAreOfReadableStepsOfTheStreamsOwn() {
    BundleDescriptor others = Samples.bundle("a", 1, SOME_UUID, 1);
    assertThat(history.repeat("b", 0, 6, Samples.whole(others)).problem()).isEmpty();
    long[][] ranges = {{0, 0}, {3, 2}, {0, 8}, {7, 7}};
    for (long[] range : ranges) {
      assertVoid(
          "it repeats",
          entry ->
              stamped(entry, "b", 1, 2, Samples.whole(others))
                  .repeating(new RepeatRange(range[0], range[1])));
    }
    long intent = history.act(new Action.TrimIntent(3)).entry().version();
    history.act(new Action.Trim(3, intent));
    assertVoid(
        "those from 3 to 7 may be repeated",
        entry -> stamped(entry, "b", 1, 2, Samples.whole(others)).repeating(new RepeatRange(2, 6)));
    assertVoid("is not b", entry -> stamped(entry, "b", 1, 2, Samples.whole(others)));
    BundleDescriptor odd =
        Samples.bundle(ObjectKey.of("data/00/a/1/" + SOME_UUID + ".arrow"), 1, 8, 1);
    assertVoid(
        "is not b",
        entry -> stamped(entry, "b", 1, 2, Samples.whole(odd)).repeating(new RepeatRange(3, 6)));
    assertThat(history.repeat("b", 3, 7, Samples.whole(others)).problem()).isEmpty();
  }
}
