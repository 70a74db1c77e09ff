// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;

/** Entries of the log as they are, several at once where the store gains by that. */
final class LogReads {
  /** At most so many are held. */
  static final int AT_ONCE = 256;

  private LogReads() {}

  /**
   * Those from a version on, up to the tail: versions are dense, so the first missing one is it.
   */
  static List<byte[]> from(ObjectStore store, long version) throws IOException {
    return between(store, version, version + AT_ONCE);
  }

  /**
   * Has a view fold what follows it.
   *
   * @throws ObjectNotFoundException if one of the entries is gone
   */
  static void fold(ObjectStore store, View view, long upTo) throws IOException {
    while (view.version() < upTo) {
      long next = view.version() + 1;
      List<byte[]> found = between(store, next, Math.min(next + AT_ONCE, upTo + 1));
      if (found.isEmpty()) {
        throw new ObjectNotFoundException(StreamKeys.entry(next), store.root());
      }
      for (byte[] content : found) {
        view.apply(content);
      }
    }
  }

  private static List<byte[]> between(ObjectStore store, long from, long end) throws IOException {
    return store.getWhilePresent(
        LongStream.range(from, end).mapToObj(StreamKeys::entry), Limits.SMALL_OBJECT_BYTES);
  }
}
