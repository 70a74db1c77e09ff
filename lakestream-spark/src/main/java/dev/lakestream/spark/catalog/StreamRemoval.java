// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.catalog;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.fork.ForkListing;
import dev.lakestream.fork.Forks;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.retention.PinListing;
import dev.lakestream.retention.Pins;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.StoreProbe;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Removes a whole stream. {@code stream.json} goes first: from then on nobody opens it, and what is
 * left after a crash is no stream any more.
 */
public final class StreamRemoval {
  /** Of a stream; whatever else lies beside them is somebody else's. */
  private static final List<ObjectKey> FOLDERS =
      List.of(
          StreamKeys.LOG,
          StreamKeys.SNAPSHOTS,
          StreamKeys.SEGMENTS,
          StreamKeys.HORIZON,
          StreamKeys.DATA,
          StreamKeys.PINS,
          StreamKeys.PROGRESS,
          StreamKeys.FORKS,
          StreamKeys.STAGING,
          StoreProbe.FOLDER);

  private StreamRemoval() {}

  /**
   * Removes a stream that never had a step, as a table whose creation failed half-way.
   *
   * @throws InvalidRequestException if it has steps
   */
  public static void ofEmpty(LakeStream stream) throws IOException {
    if (stream.state().nextStep() > 0) {
      throw new InvalidRequestException(
          "the stream at "
              + stream.store().root()
              + " has steps that trainers may rely on, and dropping its table would delete them:"
              + " say DROP TABLE … PURGE if this is what you want");
    }
    withAll(stream);
  }

  /**
   * Removes a stream with all its steps.
   *
   * @throws InvalidRequestException if a checkpoint or a fork needs it
   */
  public static void withAll(LakeStream stream) throws IOException {
    PinListing pins = new Pins(stream).list();
    if (!pins.pins().isEmpty() || !pins.broken().isEmpty()) {
      throw refused(
          stream, "has " + (pins.pins().size() + pins.broken().size()) + " pins: release them");
    }
    if (new Forks(stream)
        .list().stream().anyMatch(fork -> fork.state() != ForkListing.State.DELETED)) {
      throw refused(stream, "has forks: delete them");
    }
    Optional<ObjectStore> parent = stream.store().parent();
    if (stream.document().fork().isPresent() && parent.isPresent()) {
      String name = stream.document().fork().orElseThrow().name();
      new Forks(LakeStream.open(parent.get())).delete(name);
      return;
    }
    ObjectStore store = stream.store();
    store.delete(StreamKeys.STREAM);
    for (ObjectKey folder : FOLDERS) {
      for (ObjectInfo object : store.list(folder, Optional.empty())) {
        store.delete(object.key());
      }
    }
    for (ObjectKey loose : List.of(StreamKeys.HINT, StreamKeys.CLOCK)) {
      store.delete(loose);
    }
  }

  private static InvalidRequestException refused(LakeStream stream, String why) {
    return new InvalidRequestException(
        "the stream at " + stream.store().root() + " can't be deleted: it " + why + " first");
  }
}
