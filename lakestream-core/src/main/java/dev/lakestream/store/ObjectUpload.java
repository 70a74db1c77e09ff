// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;
import java.nio.channels.GatheringByteChannel;

/**
 * The streamed upload of one large object under a fresh key. Nothing is visible under the key until
 * {@link #finish()} returns; {@link #close()} without it aborts and leaves nothing. Not
 * thread-safe.
 */
public interface ObjectUpload extends GatheringByteChannel {
  /** Bytes written so far. */
  long position();

  /**
   * Makes the object visible and durable, whole (invariant 4). Fails, and makes nothing visible, if
   * the key exists or if somebody has {@linkplain ObjectStore#abort aborted} the upload.
   */
  void finish() throws IOException;
}
