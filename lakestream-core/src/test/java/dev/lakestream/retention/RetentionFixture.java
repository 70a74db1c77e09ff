// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.stream.CommitWalk;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A stream whose bundles exist, and which can be asked whether all that it needs is there. */
final class RetentionFixture {
  /** More than a part of a multipart upload, so that the store knows of it. */
  private static final int PART_AND_MORE = 9 << 20;

  final VirtualTime time;
  final InspectedStore memory;
  final FaultyStore store;
  private final Backing backing;

  private RetentionFixture(VirtualTime time, Backing backing, InspectedStore memory) {
    this.time = time;
    this.backing = backing;
    this.memory = memory;
    this.store = new FaultyStore(memory);
  }

  static RetentionFixture create(Backing backing) throws IOException {
    RetentionFixture fixture = empty(backing);
    LakeStream.create(fixture.memory, Samples.definition(), fixture.time.environment());
    return fixture;
  }

  /** Without a stream. */
  static RetentionFixture empty(Backing backing) {
    VirtualTime time = new VirtualTime(1);
    return new RetentionFixture(time, backing, backing.empty(time));
  }

  /** The same, that goes its own way from here; time goes on for both. */
  RetentionFixture copy() {
    return new RetentionFixture(time, backing, backing.copy(memory));
  }

  /** The stream over the store that fails when it is told to. */
  LakeStream open() throws IOException {
    return open(store);
  }

  LakeStream open(ObjectStore from) throws IOException {
    return LakeStream.open(from, time.environment());
  }

  /** What somebody else does, past all planned faults. */
  LakeStream other() throws IOException {
    return open(memory);
  }

  ProducerSession session(String producer) {
    try {
      return ProducerSession.open(other(), producer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Uploads a bundle of so many steps. */
  BundleDescriptor upload(ProducerSession session, int steps) {
    BundleDescriptor bundle = Samples.bundle(session.newBundleKey(), steps, 8, 1);
    memory.putIfAbsent(bundle.key(), new byte[100]);
    return bundle;
  }

  /** Begins an upload that the store knows of, and leaves it there. */
  ObjectUpload beginUpload(ProducerSession session) throws IOException {
    ObjectUpload upload = memory.upload(session.newBundleKey());
    ByteBuffer content = ByteBuffer.allocate(PART_AND_MORE);
    while (content.hasRemaining()) {
      upload.write(content);
    }
    return upload;
  }

  static void commit(ProducerSession session, BundleDescriptor bundle, Attachment... attachments)
      throws IOException {
    try {
      session.commit(
          new Commit(
              Samples.whole(bundle),
              Optional.of("s"),
              List.of(attachments),
              Optional.empty(),
              List.of()));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Uploads and commits one bundle of one step, so many times. */
  void produce(ProducerSession session, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      commit(session, upload(session, 1));
    }
  }

  /** Folds the log as it is, through a stream of its own. */
  void fold() throws IOException {
    other().writeSnapshot();
  }

  VacuumReport vacuum() throws IOException {
    return vacuum(VacuumOptions.defaults());
  }

  VacuumReport vacuum(VacuumOptions options) throws IOException {
    try {
      return new Vacuum(open(), options).run();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  void pass(Duration duration) {
    time.pass(duration);
  }

  boolean exists(BundleDescriptor bundle) throws IOException {
    return exists(bundle.key());
  }

  boolean exists(ObjectKey key) throws IOException {
    return memory.head(key).isPresent();
  }

  void assertThere(List<String> keys) throws IOException {
    for (String key : keys) {
      assertThat(exists(ObjectKey.of(key))).as(key).isTrue();
    }
  }

  List<String> data() {
    return memory.keys("data");
  }

  /** All objects but the clock, with their bytes. */
  Map<String, String> contents() {
    Map<String, String> contents = new TreeMap<>();
    memory
        .contents()
        .forEach((key, content) -> contents.put(key, java.util.Arrays.toString(content)));
    contents.remove("clock.json");
    return contents;
  }

  /** Whoever opens the stream now finds every step that it calls readable, and its data. */
  void assertSound() throws IOException {
    LakeStream fresh = other();
    long first = fresh.state().firstReadable();
    for (long step = first; step < fresh.state().nextStep(); step++) {
      for (var source : fresh.groupOf(step).sources(step)) {
        assertThat(memory.head(source.bundle().key())).isPresent();
      }
    }
    for (ObjectKey key : reachable()) {
      assertThat(memory.head(key)).as("%s is needed", key).isPresent();
    }
    for (ProducerState producer : fresh.producers()) {
      for (Attachment attachment : producer.attachments()) {
        assertThat(memory.head(attachment.bundle().key())).isPresent();
      }
    }
  }

  /** Every object of a commit with readable steps. */
  List<ObjectKey> reachable() throws IOException {
    List<ObjectKey> keys = new ArrayList<>();
    other()
        .commits()
        .visit(
            new CommitWalk.Visitor() {
              @Override
              public void commit(CondensedCommit commit) {}

              @Override
              public void segment(SegmentRef segment) {
                keys.add(segment.key());
              }

              @Override
              public void bundle(BundleDescriptor bundle) {
                keys.add(bundle.key());
              }
            });
    return keys;
  }
}
