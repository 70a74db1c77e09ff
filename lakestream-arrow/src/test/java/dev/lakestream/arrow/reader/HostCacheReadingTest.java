// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.fork.Forks;
import dev.lakestream.reader.Topology;
import dev.lakestream.store.FolderStore;
import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.host.HostCache;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers of one host that share what they fetch. */
class HostCacheReadingTest {
  private static final int STEPS = 4;

  @Test
  void peersFetchOnce(@TempDir Path directory) throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory.resolve("stream"), false, 4, 1);
        HostCache cache = HostCache.at(directory.resolve("cache"), 1 << 20)) {
      fixture.commit(STEPS);
      LakeStream far = LakeStream.open(new FarStore(fixture.store), fixture.stream.environment());
      ReaderOptions alone = ReaderOptions.defaults();
      List<String> expected = read(fixture, far, alone);
      fixture.store.reset();
      assertThat(read(fixture, far, alone.withHostCache(cache))).isEqualTo(expected);
      assertThat(fixture.store.ranges()).isEqualTo(1);
      assertThat(read(fixture, far, alone.withHostCache(cache))).isEqualTo(expected);
      assertThat(fixture.store.ranges()).as("the second peer's").isEqualTo(1);
      read(fixture, fixture.stream, alone.withHostCache(cache));
      assertThat(fixture.store.ranges()).as("files are mapped anyway").isEqualTo(2);
    }
  }

  @Test
  void aForkAndItsParentShareTheStepsBeforeIt(@TempDir Path directory)
      throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory.resolve("stream"), false, 4, 1);
        HostCache cache = HostCache.at(directory.resolve("cache"), 1 << 20)) {
      fixture.commit(STEPS);
      new Forks(fixture.stream).create("x", STEPS);
      fixture.commit(STEPS);
      FarStore parent = new FarStore(fixture.store);
      LakeStream far = LakeStream.open(parent, fixture.stream.environment());
      LakeStream fork =
          LakeStream.open(FolderStore.ofFork(parent, "x"), fixture.stream.environment());
      ReaderOptions cached = ReaderOptions.defaults().withHostCache(cache);
      List<String> expected = read(fixture, far, ReaderOptions.defaults());
      fixture.store.reset();
      assertThat(read(fixture, fork, cached)).isEqualTo(expected);
      assertThat(fixture.store.ranges()).isEqualTo(1);
      assertThat(read(fixture, far, cached)).isEqualTo(expected);
      assertThat(fixture.store.ranges()).as("the parent's").isEqualTo(1);
    }
  }

  private static List<String> read(StreamFixture fixture, LakeStream stream, ReaderOptions options)
      throws IOException, InterruptedException {
    List<String> seen = new ArrayList<>();
    try (StepReader reader =
        StepReader.open(stream, Topology.whole(), 0, options, fixture.allocator)) {
      for (int step = 0; step < STEPS; step++) {
        assertThat(reader.next()).isTrue();
        reader.batches().forEach(batch -> seen.add(batch.root().contentToTSVString()));
      }
    }
    return seen;
  }

  /** Says that it is no directory. */
  private static final class FarStore extends ForwardingObjectStore {
    FarStore(CountingStore store) {
      super(store);
    }

    @Override
    public URI root() {
      return URI.create("far:/stream");
    }
  }
}
