// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

/**
 * Packs documents into sequences of one length, and hands each on when it is complete. No token is
 * lost or doubled, whatever the documents. A document that is empty leaves nothing.
 *
 * <p>Not thread-safe.
 */
public interface SequencePacker {
  /** Takes a document; its tokens are copied. */
  void add(long id, int[] tokens);

  /** Fills what is left with padding and hands it on. Nothing can be added afterwards. */
  void finish();
}
