// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import java.util.UUID;

/** The decoders of segments, for tests of other packages. */
public final class SegmentsForTests {
  private SegmentsForTests() {}

  /** Decodes an index leaf, and adds up what it holds. */
  public static void leaf(UUID stream, byte[] content) {
    SegmentJson.decodeCommits("segments/x", stream, content)
        .forEach(commit -> commit.before().plus(commit.content().totals()));
  }

  public static void node(UUID stream, byte[] content) {
    SegmentJson.decodeNode("segments/x", stream, content).forEach(IndexRef::nextStep);
  }

  public static void producers(UUID stream, byte[] content) {
    SegmentJson.decodeProducers("segments/x", stream, content);
  }

  public static void keyedNode(UUID stream, byte[] content) {
    SegmentJson.decodeKeyedNode("segments/x", stream, KeyedKind.PRODUCERS, content);
  }

  public static void keys(UUID stream, byte[] content) {
    SegmentJson.decodeKeys("segments/x", stream, content);
  }
}
