// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.format.Names;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Deletes what somebody staged and never made a step of ({@code docs/format.md} §15).
 *
 * <p>Age is a reason here, as for unfinished uploads: no entry can name a staged object, and who is
 * robbed of one finds a slot missing and is refused.
 */
final class StagingSweep {
  private final LakeStream stream;
  private final VacuumOptions options;
  private final Instant now;

  /**
   * A sweep.
   *
   * @param now by the store's clock
   */
  StagingSweep(LakeStream stream, VacuumOptions options, Instant now) {
    this.stream = stream;
    this.options = options;
    this.now = now;
  }

  StagingReport run() throws IOException {
    Map<String, List<ObjectInfo>> stages = stages();
    List<String> abandoned = new ArrayList<>();
    long objects = 0;
    long bytes = 0;
    for (Map.Entry<String, List<ObjectInfo>> stage : stages.entrySet()) {
      if (stage.getValue().stream().allMatch(this::isOld)) {
        abandoned.add(stage.getKey());
        for (ObjectInfo info : stage.getValue()) {
          if (!options.dryRun()) {
            stream.store().delete(info.key());
          }
          objects++;
          bytes += info.size();
        }
      }
    }
    return new StagingReport(abandoned, objects, bytes, stages.size() - abandoned.size());
  }

  private boolean isOld(ObjectInfo info) {
    return !info.lastModified().plus(options.uploadsAfter()).isAfter(now);
  }

  private Map<String, List<ObjectInfo>> stages() throws IOException {
    Map<String, List<ObjectInfo>> stages = new TreeMap<>();
    for (ObjectInfo info : stream.store().list(StreamKeys.STAGING, Optional.empty())) {
      String[] segments = info.key().value().split("/", 3);
      if (segments.length == 3 && Names.isValid(segments[1])) {
        stages.computeIfAbsent(segments[1], absent -> new ArrayList<>()).add(info);
      }
    }
    return stages;
  }
}
