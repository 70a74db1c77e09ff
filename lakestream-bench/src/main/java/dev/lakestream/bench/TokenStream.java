// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.log.BundleFormat;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;

/**
 * A stream of token sequences to measure with.
 *
 * @param rowTokens tokens of a row, 4 bytes each
 * @param slotRows rows of a slot
 * @param slots of a step
 * @param steps of a bundle
 * @param bundles in all, each a commit
 */
public record TokenStream(int rowTokens, int slotRows, int slots, int steps, int bundles) {
  /** Steps of a commit that only makes history. */
  private static final int HISTORY_COMMIT = 250;

  /** The same in so many bundles. */
  TokenStream inBundles(int count) {
    return new TokenStream(rowTokens, slotRows, slots, steps, count);
  }

  long cellBytes() {
    return (long) rowTokens * Integer.BYTES * slotRows;
  }

  long stepBytes() {
    return cellBytes() * slots;
  }

  long totalSteps() {
    return (long) steps * bundles;
  }

  /** Writes the stream. */
  public void write(ObjectStore store) throws IOException, InterruptedException {
    write(0, BundleFormat.ARROW, store);
  }

  /** Writes the stream in bundles of a format. */
  void write(ObjectStore store, BundleFormat format) throws IOException, InterruptedException {
    write(0, format, store);
  }

  /**
   * Writes the stream, and between its first and its second bundle a history until there are so
   * many steps; those that only make history have no data.
   */
  void writeAround(long historySteps, ObjectStore store) throws IOException, InterruptedException {
    write(historySteps, BundleFormat.ARROW, store);
  }

  private void write(long historySteps, BundleFormat format, ObjectStore store)
      throws IOException, InterruptedException {
    LakeStream stream =
        LakeStream.create(
            store,
            StreamDefinition.of(TokenBundles.fields(rowTokens), slots),
            Environment.system());
    ProducerSession session = ProducerSession.open(stream, "bench");
    try (TokenBundles uploads = new TokenBundles(stream, rowTokens, slotRows, slots)) {
      for (int bundle = 0; bundle < bundles; bundle++) {
        session.commit(uploads.upload(session, steps, format));
        if (bundle == 0 && stream.state().nextStep() < historySteps) {
          makeHistory(historySteps, session, stream);
        }
      }
    }
  }

  private static void makeHistory(long steps, ProducerSession session, LakeStream stream)
      throws IOException, InterruptedException {
    SyntheticCommits commits = new SyntheticCommits();
    for (long left = steps - stream.state().nextStep(); left > 0; left -= HISTORY_COMMIT) {
      int count = (int) Math.min(left, HISTORY_COMMIT);
      session.commit(Commit.of(commits.content(session.newBundleKey(), count), ""));
    }
    // Folders keep up with producers, but for one that does nothing but commit.
    stream.writeSnapshot();
  }
}
