// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.snapshot.SnapshotAudit;
import dev.lakestream.snapshot.SnapshotJson;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** Reads a root with all that it names, and compares it with the log as far as that is there. */
final class RootAudit {
  private final LakeStream stream;
  private final SnapshotAudit segments;

  RootAudit(LakeStream stream) {
    this.stream = stream;
    this.segments = new SnapshotAudit(stream.store(), stream.id());
  }

  /** What became of the root of this version; empty if it is gone. */
  Optional<SnapshotAudit.Finding> audit(long version) throws IOException {
    ObjectKey key = StreamKeys.snapshot(version);
    try {
      SnapshotRoot root =
          SnapshotJson.decode(key.value(), version, stream.store().get(key, Limits.SEGMENT_BYTES));
      if (!root.stream().equals(stream.id())) {
        return broken(key, "it belongs to the stream " + root.stream());
      }
      if (!isOfThisLog(root)) {
        return broken(key, "its digest is not that of the entry of its version");
      }
      SnapshotAudit.Finding finding = segments.audit(root);
      return Optional.of(
          new SnapshotAudit.Finding(
              finding.named(), finding.problem().map(problem -> key + ": " + problem)));
    } catch (CorruptObjectException e) {
      return broken(key, String.valueOf(e.getMessage()));
    } catch (ObjectNotFoundException e) {
      return Optional.empty();
    }
  }

  private static Optional<SnapshotAudit.Finding> broken(ObjectKey key, String problem) {
    return Optional.of(new SnapshotAudit.Finding(Set.of(), Optional.of(key + ": " + problem)));
  }

  private boolean isOfThisLog(SnapshotRoot root) throws IOException {
    try {
      byte[] entry =
          stream.store().get(StreamKeys.entry(root.state().version()), Limits.SMALL_OBJECT_BYTES);
      return Digest.of(entry).equals(root.state().digest());
    } catch (ObjectNotFoundException e) {
      return true; // it was removed below the horizon, on the word of such a root
    }
  }
}
