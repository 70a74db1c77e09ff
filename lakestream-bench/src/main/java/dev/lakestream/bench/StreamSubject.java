// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Our own history: sessions that commit in turn, and somebody who folds. */
public final class StreamSubject implements HistorySubject {
  private static final Field TOKENS =
      Field.required(
          "tokens", new ColumnType.ListOf(Field.required("item", ColumnType.Simple.INT32)));

  /** How many entries a fold takes, as committers do it. */
  public static final int FOLD_EVERY = 256;

  private final MeteredStore store;
  private final Environment environment;
  private final LakeStream stream;
  private final SyntheticCommits commits = new SyntheticCommits();
  private final List<ProducerSession> sessions = new ArrayList<>();
  private long made;

  /** A stream that begins in a folder. */
  public StreamSubject(Path root) throws IOException {
    this.store = new MeteredStore(LocalObjectStore.at(root, LocalObjectStore.Durability.PROCESS));
    // Whoever measures says when somebody folds.
    this.environment =
        new Environment(InstantSource.system(), UUID::randomUUID, pause -> {}, work -> {});
    this.stream =
        LakeStream.create(
            store,
            new StreamDefinition(List.of(TOKENS), 64, 1, List.of(), Optional.empty()),
            environment);
  }

  /** From now on so many more producers commit in turn. */
  public void join(int producers, String prefix) throws IOException, InterruptedException {
    for (int i = 0; i < producers; i++) {
      sessions.add(ProducerSession.open(stream, prefix + i));
    }
  }

  /** The producer that joined last commits no more. */
  void leave() {
    sessions.remove(sessions.size() - 1);
  }

  /** A producer comes, commits a step, and is not seen again. */
  void comeAndGo(String producer) throws IOException, InterruptedException {
    ProducerSession session = ProducerSession.open(stream, producer);
    session.commit(Commit.of(commits.content(session.newBundleKey(), 1), "the end"));
    foldNowAndThen();
  }

  /** Commits until there are so many steps, the last ones after the last fold. */
  void grow(long steps, int tail) throws IOException, InterruptedException {
    while (stream.state().nextStep() + (long) tail * SyntheticCommits.STEPS < steps) {
      commit();
      foldNowAndThen();
    }
    tidy();
    for (int i = 0; i < tail; i++) {
      commit();
    }
    store.take();
  }

  /** Commits, and folds when it is due. */
  public void commitAndFold() throws IOException, InterruptedException {
    commit();
    foldNowAndThen();
  }

  /** Bytes read and written since the last call. */
  public long takeBytes() {
    MeteredStore.Meter meter = store.take();
    return meter.read() + meter.written();
  }

  private void foldNowAndThen() throws IOException {
    if (stream.entriesSinceSnapshot() >= FOLD_EVERY) {
      tidy();
    }
  }

  /** How many steps there are. */
  public long nextStep() {
    return stream.state().nextStep();
  }

  /** Steps for which a snapshot stands, so that finding them costs something. */
  long foldedSteps() {
    return nextStep() - stream.entriesSinceSnapshot() * SyntheticCommits.STEPS;
  }

  @Override
  public MeteredStore store() {
    return store;
  }

  @Override
  public void commit() throws IOException, InterruptedException {
    ProducerSession session = sessions.get((int) (made++ % sessions.size()));
    session.commit(Commit.of(commits.content(session.newBundleKey()), "step " + made));
  }

  @Override
  public void tidy() throws IOException {
    stream.writeSnapshot();
  }

  @Override
  public Opened open() throws IOException {
    LakeStream opened = LakeStream.open(store, environment);
    return step -> opened.groupOf(step);
  }
}
