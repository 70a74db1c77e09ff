// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.StoreProbe;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Deletes what a look at the store left behind ({@link StoreProbe}): its process died, or was not
 * allowed to delete. Age is a reason here: nothing ever names such an object, and who races for one
 * for a day has lost.
 */
final class ProbeSweep {
  private final LakeStream stream;
  private final VacuumOptions options;
  private final VacuumListener listener;

  ProbeSweep(LakeStream stream, VacuumOptions options, VacuumListener listener) {
    this.stream = stream;
    this.options = options;
    this.listener = listener;
  }

  /**
   * Sweeps, or plans to.
   *
   * @param now by the store's clock
   */
  ProbeReport run(Instant now) throws IOException {
    List<ObjectInfo> old = new ArrayList<>();
    long others = 0;
    for (ObjectInfo info : stream.store().list(StoreProbe.FOLDER, Optional.empty())) {
      if (StoreProbe.isScratch(info.key())
          && !info.lastModified().plus(options.uploadsAfter()).isAfter(now)) {
        old.add(info);
      } else {
        others++;
      }
    }
    if (!options.dryRun() && !old.isEmpty()) {
      listener.begin("delete probes", old.size());
      long done = 0;
      for (ObjectInfo info : old) {
        stream.store().delete(info.key());
        listener.advance(++done);
      }
    }
    return new ProbeReport(old.size(), others);
  }
}
