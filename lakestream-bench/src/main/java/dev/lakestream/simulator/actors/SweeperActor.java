// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.snapshot.Snapshots;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Moves the horizon to a snapshot and removes the entries below it, so that sleepers wake up in a
 * world without them.
 */
final class SweeperActor extends TurnTaker {

  SweeperActor(Stage stage, String name, int turns) {
    super(stage, name, turns, 5);
  }

  @Override
  void takeTurn(SimulatedProcess process, LakeStream stream) throws IOException {
    stream.writeSnapshot();
    ObjectStore store = stream.store();
    long version = stream.state().version();
    if (version < 1 || new Snapshots(store, stream.id()).read(version).isEmpty()) {
      return;
    }
    byte[] content =
        SealedJson.seal(
            SealedJson.object()
                .put("lakestream", 1)
                .put("stream", stream.id().toString())
                .put("version", version)
                .put("time", process.millis()));
    try {
      store.putIfAbsent(StreamKeys.horizon(version), content);
    } catch (OutcomeUnknownException e) {
      return; // nothing was removed yet
    }
    process.pause(Stage.duration(stage().awhile()));
    List<ObjectInfo> entries = store.list(StreamKeys.LOG, Optional.empty());
    for (ObjectInfo entry : entries) {
      if (StreamKeys.version(entry.key()).orElse(Long.MAX_VALUE) < version) {
        store.delete(entry.key());
      }
    }
  }
}
