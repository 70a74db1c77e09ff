// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.golden;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lakestream.format.Digest;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.RepeatRange;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.testing.History;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.MemoryStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.Seals;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The golden streams of forks and repeats. Their bundles do not exist. */
final class GoldenForks {
  private static final String DOCUMENT = "forks/x/stream.json";

  private final Map<String, GoldenStreams.Good> good = new LinkedHashMap<>();
  private final Map<String, GoldenStreams.Bad> bad = new LinkedHashMap<>();

  GoldenForks() throws IOException {
    try {
      addGood();
      addBad();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  Map<String, GoldenStreams.Good> good() {
    return good;
  }

  Map<String, GoldenStreams.Bad> bad() {
    return bad;
  }

  // ---------------------------------------------------------------------------------------- good

  private void addGood() throws IOException, InterruptedException {
    add("fork", fork(400), "forks/x");
    add("fork-parent-goes-on", fork(400), "");
    add("fork-of-a-fork", forkOfFork(), "forks/x/forks/y");
    add("fork-of-an-empty-stream", History.begin(402).fork("x", 0), "forks/x");
    add("fork-snapshot", forkWithSnapshot(), "forks/x");
    add("repeat", repeat(), "");
    add("repeat-segments", repeatInSegments(false), "");
    add("repeat-snapshot", repeatInSegments(true), "");
    add("repeat-in-a-fork", repeatInFork(), "forks/x");
  }

  private void add(String name, History history, String folder) {
    good.put(name, new GoldenStreams.Good(history.store(), folder));
  }

  /** Leaves its parent within a bundle, after a schema and across skips; both go on. */
  private static History fork(long seed) throws IOException, InterruptedException {
    History fork = unwrittenFork(seed);
    fork.open("a");
    fork.commit("a", Samples.whole(GoldenStreams.withSchema(fork.bundle("a", 3), 1)));
    fork.act(new Action.Skip(7, 8, "own"), new Action.AddSchema(GoldenStreams.wider(2)));
    fork.commit("a", Samples.whole(GoldenStreams.withSchema(fork.bundle("a", 1), 2)));
    return fork;
  }

  private static History unwrittenFork(long seed) throws IOException, InterruptedException {
    History parent = History.begin(seed);
    parent.open("a");
    parent.commit("a", 4);
    parent.act(new Action.AddSchema(GoldenStreams.wider(1)), new Action.Defaults(4, 2));
    parent.commit("a", Samples.whole(GoldenStreams.withSchema(parent.bundle("a", 4), 1)));
    parent.act(new Action.Skip(1, 2, "before the fork"), new Action.Skip(5, 8, "across it"));
    parent.act(new Action.TrimIntent(1)); // the fork cancels it
    return parent.fork("x", 6);
  }

  private static History forkOfFork() throws IOException, InterruptedException {
    History parent = History.begin(401);
    parent.open("a");
    parent.commit("a", 4);
    parent.commit("a", 4);
    long intent = parent.act(new Action.TrimIntent(2)).entry().version();
    parent.act(new Action.Trim(2, intent));
    History fork = parent.fork("x", 6);
    fork.open("b");
    fork.commit("b", 4);
    History second = fork.fork("y", 9);
    second.open("b");
    second.commit("b", 2);
    return second;
  }

  private static History forkWithSnapshot() throws IOException, InterruptedException {
    History parent = History.begin(403);
    parent.open("a");
    parent.commit("a", 4);
    History fork = parent.fork("x", 3);
    fork.open("b");
    for (int i = 0; i < 8; i++) {
      fork.commit("b", 2);
    }
    fork.snapshot(GoldenStreams.SMALL, Optional.empty());
    fork.removeBelow(fork.state().version());
    fork.commit("b", 1);
    return fork;
  }

  /** Steps of these bundles and this step of each, as they are. */
  private static CommitContent.Inline taking(List<BundleDescriptor> bundles, int... steps) {
    List<StepGroup> groups = new ArrayList<>();
    for (int i = 0; i < steps.length; i++) {
      int bundle = i % bundles.size();
      groups.add(
          new StepGroup.CellGroup(
              List.of(new CellRange(bundle, 0, 8, steps[i])),
              record(bundles.get(bundle), steps[i])));
    }
    return new CommitContent.Inline(bundles, groups);
  }

  private static StepRecord record(BundleDescriptor bundle, int step) {
    return Samples.step(bundle.key() + "#" + step);
  }

  private static History repeat() {
    History history = History.begin(404);
    history.open("a");
    history.open("b");
    BundleDescriptor first = history.bundle("a", 4);
    history.commit("a", Samples.whole(first));
    BundleDescriptor second = history.bundle("b", 2);
    history.commit("b", Samples.whole(second));
    history.repeat("b", 0, 6, taking(List.of(first, second), 3, 0, 1, 1));
    history.repeat("b", 0, 4, Samples.whole(first)); // as it is
    history.commit("b", taking(List.of(first), 1)); // no repeat: void
    history.repeat("b", 0, history.state().nextStep() + 1, taking(List.of(first), 1)); // void
    history.repeat("b", 3, 3, taking(List.of(first), 1)); // void
    for (String odd : List.of("data/00/a/1/" + history.uuid() + ".arrow", "x/y.arrow")) {
      history.repeat( // void
          "b", 0, 4, taking(List.of(Samples.bundle(ObjectKey.of(odd), 4, 8, 1)), 1));
    }
    BundleDescriptor epochZero =
        Samples.bundle(ObjectKey.of(first.key().value().replace("/a/1/", "/a/0/")), 4, 8, 1);
    history.repeat("b", 0, 4, taking(List.of(epochZero), 1)); // void
    history.repeat( // void: its schema is unknown
        "b", 0, 4, taking(List.of(GoldenStreams.withSchema(first, 1)), 1));
    history.append( // void: a repeat keeps attachments of its own only
        entry ->
            entry
                .with(
                    history.nextStamp("b"),
                    Optional.empty(),
                    List.of(new Attachment("rest", first)),
                    Optional.empty(),
                    taking(List.of(first), 1))
                .repeating(new RepeatRange(0, 4)));
    long intent = history.act(new Action.TrimIntent(4)).entry().version();
    history.act(new Action.Trim(2, intent));
    history.repeat("b", 1, 4, taking(List.of(first), 2)); // trimmed: void
    history.repeat("b", 2, 4, taking(List.of(first), 2, 3));
    history.act(new Action.Seal());
    history.repeat("b", 2, 4, taking(List.of(first), 2)); // sealed: void
    return history;
  }

  private static History repeatInSegments(boolean folded) throws IOException {
    History history = History.begin(405);
    history.open("a");
    BundleDescriptor first = history.bundle("a", 4);
    history.commit("a", Samples.whole(first));
    history.open("a");
    BundleDescriptor second = history.bundle("a", 3);
    history.commit("a", Samples.whole(second));
    history.open("again");
    SegmentRef one =
        GoldenStreams.putSegment(
            history, "again", taking(List.of(first, second), 3, 2, 0, 1, 2, 0));
    SegmentRef two = GoldenStreams.putSegment(history, "again", taking(List.of(first), 1));
    history.repeat("again", 0, 7, new CommitContent.Segmented(List.of(one, two)));
    history.commit("a", 1);
    if (folded) {
      history.snapshot(GoldenStreams.SMALL, Optional.empty());
      history.removeBelow(history.state().version());
    }
    return history;
  }

  private static History repeatInFork() throws IOException, InterruptedException {
    History parent = History.begin(406);
    parent.open("a");
    BundleDescriptor parents = parent.bundle("a", 4);
    parent.commit("a", Samples.whole(parents));
    History fork = parent.fork("x", 3);
    fork.open("a");
    BundleDescriptor own = fork.bundle("a", 2);
    fork.commit("a", Samples.whole(own));
    fork.repeat("a", 2, 4, taking(List.of(parents), 2)); // the parent's: void
    fork.repeat("a", 3, 5, taking(List.of(own), 1, 0));
    return fork;
  }

  // ----------------------------------------------------------------------------------------- bad

  private void addBad() throws IOException, InterruptedException {
    addBadFork("fork-wrong-parent", "read", "\"parent\":\"[^\"]{36}", "\"parent\":\"" + other());
    addBadFork("fork-wrong-chain", "read", "\"chain\":\"[^\"]{8}", "\"chain\":\"01234567");
    addBadFork("fork-wrong-digest", "read", "\"digest\":\"[^\"]{8}", "\"digest\":\"01234567");
    addBadFork("fork-beyond-its-parent", "read", "\"step\":6", "\"step\":99");
    addBadFork("fork-without-feature", "open", "\"requires\":\\[\"fork\"\\]", "\"requires\":[]");
    addBadFork("fork-without-origin", "open", "\"fork\":\\{", "\"spoon\":{");
    addBadFork("fork-rows-before-step-zero", "open", "\"step\":6", "\"step\":0");
    addBadFork("fork-skip-beyond-it", "open", "\"to\":6", "\"to\":7");
    addBadFork("fork-schema-too-late", "open", "\"version\":2", "\"version\":99");
    addBadFork("fork-name-with-parent", "open", "\"name\":\"x\"", "\"name\":\"..\"");

    MemoryStore elsewhere = new MemoryStore();
    elsewhere.putIfAbsent(StreamKeys.STREAM, unwrittenFork(410).store().contents().get(DOCUMENT));
    addBad("fork-elsewhere", elsewhere, "", "stream.json", "read");

    History plain = GoldenStreams.oneCommit(407);
    byte[] content =
        EntryJson.encode(
            plain
                .next()
                .with(
                    plain.nextStamp("tok"),
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    Samples.whole(plain.bundle("tok", 1)))
                .repeating(new RepeatRange(0, 1)));
    String key = StreamKeys.entry(plain.state().version() + 1).value();
    plain
        .store()
        .putIfAbsent(
            ObjectKey.of(key),
            Seals.seal(
                Seals.unseal(content)
                    .replace("\"requires\":[\"repeat\"]", "\"requires\":[\"fork\"]")));
    addBad("repeat-without-feature", plain.store(), "", key, "open");

    History odd = GoldenStreams.oneCommit(408);
    BundleDescriptor outside =
        Samples.bundle(ObjectKey.of("data/00/tok/1/" + odd.uuid() + ".arrow"), 1, 8, 1);
    SegmentRef segment = GoldenStreams.putSegment(odd, "tok", Samples.whole(outside));
    odd.repeat("tok", 0, 4, new CommitContent.Segmented(List.of(segment)));
    addBad("repeat-segment-odd-key", odd.store(), "", segment.key().value(), "read");
  }

  private static String other() {
    return "00000000-0000-4000-8000-" + Digest.of("other".getBytes(UTF_8)).hex().substring(0, 12);
  }

  private void addBadFork(String name, String when, String from, String to)
      throws IOException, InterruptedException {
    InspectedStore store = unwrittenFork(410).store();
    String body = Seals.unseal(store.contents().get(DOCUMENT));
    String changed = body.replaceFirst(from, to);
    if (changed.equals(body)) {
      throw new IllegalStateException(name + " changes nothing of " + body);
    }
    store.damage(DOCUMENT, Seals.seal(changed));
    addBad(name, store, "forks/x", "stream.json", when);
  }

  private void addBad(
      String name, InspectedStore store, String folder, String object, String when) {
    bad.put(
        name,
        new GoldenStreams.Bad(
            store, new GoldenStreams.Failure(Optional.of(object), "corrupt", when, folder)));
  }
}
