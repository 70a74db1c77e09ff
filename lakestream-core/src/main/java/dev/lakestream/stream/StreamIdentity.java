// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.StreamDocument;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;

/**
 * What {@code stream.json} says, which never changes.
 *
 * @param digest of its bytes: the first link of the log's chain
 */
record StreamIdentity(StreamDocument document, Digest digest) {
  /**
   * Reads it.
   *
   * @throws StreamNotFoundException if there is none
   */
  static StreamIdentity of(ObjectStore store) throws IOException {
    try {
      byte[] content = store.get(StreamKeys.STREAM, Limits.SMALL_OBJECT_BYTES);
      return new StreamIdentity(
          StreamDocumentJson.decode(StreamKeys.STREAM.value(), content), Digest.of(content));
    } catch (ObjectNotFoundException e) {
      throw new StreamNotFoundException(
          "there is no stream at "
              + store.root()
              + " (no stream.json); create it with 'lakestream create' or write to it with"
              + " mode append");
    }
  }
}
