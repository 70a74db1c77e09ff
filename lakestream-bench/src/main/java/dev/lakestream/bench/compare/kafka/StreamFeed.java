// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.bench.CountingStore;
import dev.lakestream.bench.Folders;
import dev.lakestream.bench.TokenBundles;
import dev.lakestream.commit.AdaptiveCommitPolicy;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.PacedCommitter;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.reader.Topology;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** A stream in a local directory: every rank has a client of its own. */
final class StreamFeed implements BatchFeed {
  private final Path folder;
  private final LocalObjectStore.Durability durability;
  private final String name;
  private final long bundleBytes;

  private StreamFeed(
      Path folder, LocalObjectStore.Durability durability, String name, long bundleBytes) {
    this.folder = folder;
    this.durability = durability;
    this.name = name;
    this.bundleBytes = bundleBytes;
  }

  /** As producers are meant to be: bundles of some tens of MB, committed by an adaptive policy. */
  static StreamFeed of(Path folder, LocalObjectStore.Durability durability) {
    return new StreamFeed(folder, durability, "stream", 16 << 20);
  }

  /** Each step a bundle of its own, as if it had to be visible at once. */
  static StreamFeed ofSingleSteps(Path folder, LocalObjectStore.Durability durability) {
    return new StreamFeed(folder, durability, "stream, a bundle for each step", 1);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public OneStream open(BatchShape shape, int producers) throws IOException {
    Path root = folder.resolve("stream-" + UUID.randomUUID());
    try (ObjectStore store = LocalObjectStore.at(root, durability)) {
      LakeStream.create(
          store,
          StreamDefinition.of(TokenBundles.fields(BatchShape.ROW_BYTES / 4), shape.slots()),
          Environment.system());
    }
    return new OneStream(shape, root);
  }

  /** A stream, in its folder. */
  final class OneStream implements Opened {
    private final BatchShape shape;
    private final Path root;

    private OneStream(BatchShape shape, Path root) {
      this.shape = shape;
      this.root = root;
    }

    Path root() {
      return root;
    }

    @Override
    public BatchProducer producer(int number) throws IOException, InterruptedException {
      int steps = (int) Math.max(1, bundleBytes / shape.stepBytes());
      return new Producer(LocalObjectStore.at(root, durability), shape, "p" + number, steps);
    }

    @Override
    public RankReader reader(int rank) throws IOException {
      return new Reader(
          new CountingStore(LocalObjectStore.at(root, durability)),
          Topology.of(rank, shape.slots()));
    }

    @Override
    public long storedBytes() throws IOException {
      return Folders.bytes(root);
    }

    @Override
    public void close() throws IOException {
      Folders.delete(root);
    }
  }

  /** Uploads bundles; what is uploaded is committed beside the uploads. */
  static final class Producer implements BatchProducer {
    private final ObjectStore store;
    private final ProducerSession session;
    private final PacedCommitter committer;
    private final TokenBundles uploads;
    private final int steps;
    private int waiting;
    private CompletableFuture<CommitReceipt> last = new CompletableFuture<>();

    Producer(ObjectStore store, BatchShape shape, String id, int steps)
        throws IOException, InterruptedException {
      this.store = store;
      LakeStream stream = LakeStream.open(store);
      this.uploads =
          new TokenBundles(stream, BatchShape.ROW_BYTES / 4, shape.rows(), shape.slots());
      this.session =
          ProducerSession.open(
              stream, id, new AdaptiveCommitPolicy(id, new SplittableRandom(id.hashCode())));
      this.committer = PacedCommitter.start(session, PacedCommitter.Bounds.DEFAULT);
      this.steps = steps;
    }

    @Override
    public void send() throws IOException, InterruptedException {
      waiting++;
      if (waiting == steps) {
        upload();
      }
    }

    private void upload() throws IOException, InterruptedException {
      last = committer.submit(uploads.upload(session, waiting));
      waiting = 0;
    }

    @Override
    public void flush() throws IOException, InterruptedException {
      if (waiting > 0) {
        upload();
      }
      committer.flush();
      last.join();
    }

    @Override
    public void close() throws IOException, InterruptedException {
      committer.close();
      uploads.close();
      store.close();
    }
  }

  private static final class Reader implements RankReader {
    private final CountingStore store;
    private final BufferAllocator allocator = new RootAllocator();
    private final StepReader reader;

    Reader(CountingStore store, Topology topology) throws IOException {
      this.store = store;
      this.reader =
          StepReader.open(
              LakeStream.open(store),
              topology,
              0,
              // Files are mapped: who fetches them ahead only hands them from thread to thread.
              ReaderOptions.defaults(),
              allocator);
    }

    @Override
    public long next() throws IOException, InterruptedException {
      if (!reader.next()) {
        throw new IOException("the stream has ended");
      }
      long bytes = 0;
      for (SlotBatch batch : reader.batches()) {
        bytes += (long) batch.root().getRowCount() * BatchShape.ROW_BYTES;
      }
      return bytes;
    }

    @Override
    public long received() {
      return store.bytes();
    }

    @Override
    public void close() throws IOException {
      reader.close();
      allocator.close();
      store.close();
    }
  }
}
