// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.util.UUID;
import java.util.function.Supplier;

/** Puts the segments of one snapshot, each under a fresh UUID. */
final class SegmentWriter {
  private final ObjectStore store;
  private final Supplier<UUID> uuids;
  private final long version;

  /**
   * For the segments of a snapshot.
   *
   * @param version of the snapshot
   */
  SegmentWriter(ObjectStore store, Supplier<UUID> uuids, long version) {
    this.store = store;
    this.uuids = uuids;
    this.version = version;
  }

  SegmentLocation put(byte[] content) throws IOException {
    ObjectKey key = StreamKeys.segment(version, uuids.get());
    if (store.putIfAbsent(key, checkSize(content)) != PutResult.CREATED) {
      throw new IOException("the segment " + key + " exists already, though its UUID is fresh");
    }
    return new SegmentLocation(key, content.length, Digest.of(content));
  }

  static byte[] checkSize(byte[] content) {
    if (content.length > Limits.SEGMENT_BYTES) {
      throw new InvalidRequestException(
          "a part of the snapshot would have "
              + content.length
              + " bytes, at most "
              + Limits.SEGMENT_BYTES);
    }
    return content;
  }
}
