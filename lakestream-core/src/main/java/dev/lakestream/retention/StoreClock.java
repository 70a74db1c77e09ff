// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Instant;

/**
 * The store's own clock: how old an object is, only who stamped it can say, and the clocks of the
 * machines that read and write are nobody's business.
 *
 * <p>A store has no operation that tells the time, so this puts {@code clock.json} and looks at the
 * stamp. Another client may put it in between; then the stamp is a little later, and still between
 * the call and its return.
 */
public final class StoreClock {
  private final LakeStream stream;

  public StoreClock(LakeStream stream) {
    this.stream = stream;
  }

  /** The time by the store's clock, at some moment between the call and its return. */
  public Instant now() throws IOException {
    byte[] content =
        SealedJson.seal(
            SealedJson.object()
                .put("lakestream", Limits.FORMAT_VERSION)
                .put("stream", stream.id().toString()));
    stream.store().put(StreamKeys.CLOCK, content);
    return stream
        .store()
        .head(StreamKeys.CLOCK)
        .map(ObjectInfo::lastModified)
        .orElseThrow(
            () ->
                new IOException(
                    StreamKeys.CLOCK + " vanished right after it was put: who deletes it?"));
  }
}
