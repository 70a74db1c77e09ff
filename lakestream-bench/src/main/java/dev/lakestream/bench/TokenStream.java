// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.log.BundleFormat;
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
    write(store, BundleFormat.ARROW);
  }

  /** Writes the stream in bundles of a format. */
  void write(ObjectStore store, BundleFormat format) throws IOException, InterruptedException {
    LakeStream stream =
        LakeStream.create(
            store,
            StreamDefinition.of(TokenBundles.fields(rowTokens), slots),
            Environment.system());
    ProducerSession session = ProducerSession.open(stream, "bench");
    try (TokenBundles uploads = new TokenBundles(stream, rowTokens, slotRows, slots)) {
      for (int bundle = 0; bundle < bundles; bundle++) {
        session.commit(uploads.upload(session, steps, format));
      }
    }
  }
}
