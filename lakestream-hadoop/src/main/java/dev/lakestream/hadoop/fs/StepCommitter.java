// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.format.Names;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Makes steps of stages, each once ({@code docs/format.md} §15).
 *
 * <p>Must:
 *
 * <ul>
 *   <li>commit a stage under its name as the idempotence key, so that of all who try, at once or
 *       after an unknown outcome, one makes the step (invariant 6);
 *   <li>have uploaded the bundle before (invariant 4);
 *   <li>delete nothing of a stage before its step is committed;
 *   <li>refuse another content under a name that is taken.
 * </ul>
 *
 * <p>Commits one stage at a time; thread-safe.
 */
final class StepCommitter {
  private static final int MAX_LOOKS = 8;

  private final ObjectStore store;
  private final Environment environment;
  private final String producer;
  private Optional<ProducerSession> session = Optional.empty();

  /**
   * A committer.
   *
   * @param producer under which it commits; nobody else may use it at the same time
   */
  StepCommitter(ObjectStore store, Environment environment, String producer) {
    this.store = store;
    this.environment = environment;
    this.producer = producer;
  }

  /**
   * Makes a step of a stage, and clears it away; or finds that this has been done.
   *
   * @throws FileNotFoundException if there is no such stage, and never was
   * @throws InvalidRequestException if it is no step of the stream, or its name was used for
   *     another one; nothing has changed
   * @throws dev.lakestream.error.CommitOutcomeUnknownException if the store did not say; to be
   *     tried again
   */
  synchronized void commit(String name) throws IOException, InterruptedException {
    Names.check("stage", name);
    LakeStream stream = LakeStream.open(store, environment);
    for (int look = 1; ; look++) {
      stream.refresh();
      if (stream.hasKey(key(name))) {
        if (isCleared(stream, name)) {
          return;
        }
      } else if (tryToCommit(stream, name, look == MAX_LOOKS)) {
        clear(name);
        return;
      }
      if (look == MAX_LOOKS) {
        throw new IOException(
            "staging/" + name + " changes all the time: stop who writes there, and try again");
      }
    }
  }

  private static String key(String name) {
    return StreamPath.STAGING + "/" + name;
  }

  /** Whether it was committed now; otherwise somebody else did it or is about to. */
  private boolean tryToCommit(LakeStream stream, String name, boolean last)
      throws IOException, InterruptedException {
    try {
      if (Stage.objects(store, name).isEmpty()) {
        throw new FileNotFoundException("nothing is staged as staging/" + name);
      }
      Stage stage = Stage.list(store, name, stream.state().defaults().slots());
      return upload(stream, stage, name);
    } catch (FileNotFoundException | ObjectNotFoundException | InvalidRequestException e) {
      // What is missing may have been cleared away by who was faster.
      stream.refresh();
      if (last || !stream.hasKey(key(name))) {
        throw e;
      }
      return false;
    }
  }

  private boolean upload(LakeStream stream, Stage stage, String name)
      throws IOException, InterruptedException {
    try (BufferAllocator allocator = new RootAllocator()) {
      ProducerSession open = session();
      StagedStep step =
          StagedStep.upload(store, open.newBundleKey(), stage, name, stream.state(), allocator);
      open.commit(
          new Commit(
              step.content(), Optional.empty(), List.of(), Optional.of(key(name)), List.of()));
      return true;
    } catch (CommitRejectedException e) {
      stream.refresh();
      if (stream.hasKey(key(name))) {
        return false;
      }
      throw e;
    } catch (dev.lakestream.error.FencedException
        | dev.lakestream.error.CommitOutcomeUnknownException e) {
      // The next one who tries opens anew, and so finds out from the log.
      session = Optional.empty();
      throw e;
    }
  }

  private ProducerSession session() throws IOException, InterruptedException {
    if (session.isEmpty()) {
      LakeStream own = LakeStream.open(store, environment);
      session = Optional.of(ProducerSession.open(own, producer));
    }
    return session.get();
  }

  /** The name is taken: if by this very stage, what is left of it goes. */
  private boolean isCleared(LakeStream stream, String name) throws IOException {
    boolean same =
        Stage.objects(store, name).isEmpty()
            || store.head(StageKeys.committedMark(name)).isPresent();
    if (!same) {
      try {
        requireSame(stream, name);
      } catch (ObjectNotFoundException e) {
        return false;
      }
    }
    clear(name);
    return true;
  }

  private void requireSame(LakeStream stream, String name) throws IOException {
    long version = stream.versionOfKey(key(name)).orElseThrow();
    long step;
    String committed;
    int slots;
    try {
      step = stream.firstStepOf(version);
      committed = stream.groupOf(step).step(step).attributes().getOrDefault(StagedStep.DIGEST, "");
      slots = stream.groupOf(step).slots();
    } catch (StepUnavailableException e) {
      throw new InvalidRequestException(
          taken(name, version, "and its step has been trimmed, so that nobody can compare them"),
          e);
    }
    Optional<String> staged = digest(name, slots);
    if (staged.filter(committed::equals).isEmpty()
        && store.head(StageKeys.committedMark(name)).isEmpty()
        && !Stage.objects(store, name).isEmpty()) {
      throw new InvalidRequestException(
          taken(name, version, "as step " + step + ", with another content"));
    }
  }

  /** Empty if the files are not those of a step. */
  private Optional<String> digest(String name, int slots) throws IOException {
    try {
      return Optional.of(Stage.list(store, name, slots).digest());
    } catch (InvalidRequestException e) {
      return Optional.empty();
    }
  }

  private static String taken(String name, long version, String how) {
    return "the name of staging/"
        + name
        + " is taken: version "
        + version
        + " committed it "
        + how
        + "; rename the stage, or delete it";
  }

  /** From the mark on nobody compares any more, so files may go one by one. */
  private void clear(String name) throws IOException {
    List<ObjectKey> objects = Stage.objects(store, name);
    if (objects.isEmpty()) {
      return;
    }
    ObjectKey mark = StageKeys.committedMark(name);
    store.put(mark, new byte[0]);
    for (ObjectKey key : objects) {
      if (!key.equals(mark)) {
        store.delete(key);
      }
    }
    store.delete(mark);
  }
}
