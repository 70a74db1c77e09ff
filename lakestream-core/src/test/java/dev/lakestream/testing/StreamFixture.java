// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;

/**
 * What tests of streams and of sessions begin with: virtual time, and a store that fails when it is
 * told to. A subclass of such a test runs it on another store.
 */
public abstract class StreamFixture {
  protected final VirtualTime time = new VirtualTime(1);
  protected final InspectedStore memory = backing().empty(time);
  protected final FaultyStore store = new FaultyStore(memory);

  /** Something that may be interrupted, but is not. */
  @FunctionalInterface
  protected interface Interruptible {
    void run() throws IOException, InterruptedException;
  }

  /** What keeps the objects; a subclass runs the same tests on another store. */
  protected Backing backing() {
    return Backing.memory();
  }

  /** Creates the stream over the store that fails when it is told to. */
  protected LakeStream create() throws IOException {
    return LakeStream.create(store, Samples.definition(), time.environment());
  }

  protected LakeStream open() throws IOException {
    return open(store);
  }

  protected LakeStream open(ObjectStore from) throws IOException {
    return LakeStream.open(from, time.environment());
  }

  /** Commits a bundle of so many steps. */
  protected static void commit(ProducerSession session, int steps) throws Exception {
    session.commit(Samples.commit(session, steps));
  }

  /** Moves the horizon to a version and removes the entries below it. */
  protected void removeBelow(long horizon) {
    memory.putIfAbsent(
        StreamKeys.horizon(horizon), SealedJson.seal(SealedJson.object().put("version", horizon)));
    for (long version = 0; version < horizon; version++) {
      memory.delete(StreamKeys.entry(version));
    }
  }

  /** Others commit so many steps, fold the log, and remove all that the snapshot stands for. */
  protected void passTheHorizon(int commits) throws IOException {
    passTheHorizon(commits, () -> {});
  }

  /** The same, with something that happens before the removal. */
  protected void passTheHorizon(int commits, Interruptible beforeRemoval) throws IOException {
    LakeStream other = open(memory);
    quietly(
        () -> {
          ProducerSession busy = ProducerSession.open(other, "busy");
          for (int i = 0; i < commits; i++) {
            busy.commit(Marked.commit(busy, "b" + i));
          }
        });
    quietly(beforeRemoval);
    other.writeSnapshot();
    removeBelow(other.state().version());
  }

  protected static void quietly(Interruptible action) throws IOException {
    try {
      action.run();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
