// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.verify;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.ForkOrigin;
import dev.lakestream.log.LogFold;
import dev.lakestream.log.StreamDocument;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Verdict;
import dev.lakestream.snapshot.SnapshotJson;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Folds the log from its beginning, entry by entry, and compares every snapshot with the state that
 * this gives (invariants 2, 3, 5).
 */
final class LogVerification {
  private final ObjectStore store;
  private final Findings findings;
  private final Set<ObjectKey> segments = new HashSet<>();

  LogVerification(ObjectStore store, Findings findings) {
    this.store = store;
    this.findings = findings;
  }

  /** Keys of the segments that valid entries name. */
  Set<ObjectKey> segments() {
    return segments;
  }

  void run() throws IOException {
    byte[] content = store.get(StreamKeys.STREAM, Limits.SMALL_OBJECT_BYTES);
    StreamDocument document = StreamDocumentJson.decode(StreamKeys.STREAM.value(), content);
    Map<Long, SnapshotRoot> snapshots = snapshots(document);
    if (!store.list(StreamKeys.HORIZON, Optional.empty()).isEmpty()) {
      findings.count("log_entries_removed_below_the_horizon", 1);
      return;
    }
    LogFold fold = LogFold.begin(document, Digest.of(content));
    try {
      while (true) {
        long version = fold.state().version() + 1;
        Verdict verdict =
            fold.apply(store.get(StreamKeys.entry(version), Limits.SMALL_OBJECT_BYTES));
        findings.count("entries", 1);
        findings.count("void_entries", verdict.valid() ? 0 : 1);
        verdict.condensed().ifPresent(this::rememberSegments);
        compare(snapshots, fold.state());
      }
    } catch (ObjectNotFoundException e) {
      checkNothingBehind(fold.state().version());
    } catch (CorruptObjectException e) {
      findings.fault(e);
    }
  }

  private void rememberSegments(CondensedCommit commit) {
    if (commit.content() instanceof CommitContent.Segmented segmented) {
      segmented.segments().forEach(segment -> segments.add(segment.key()));
    }
  }

  private Map<Long, SnapshotRoot> snapshots(StreamDocument document) throws IOException {
    Map<Long, SnapshotRoot> snapshots = new HashMap<>();
    for (ObjectInfo info : store.list(StreamKeys.SNAPSHOTS, Optional.empty())) {
      OptionalLong version = StreamKeys.version(info.key());
      if (version.isPresent()) {
        read(document, info.key(), version.getAsLong())
            .ifPresent(root -> snapshots.put(version.getAsLong(), root));
      }
    }
    findings.count("snapshots", snapshots.size());
    return snapshots;
  }

  private Optional<SnapshotRoot> read(StreamDocument document, ObjectKey key, long version)
      throws IOException {
    try {
      SnapshotRoot root =
          SnapshotJson.decode(key.value(), version, store.get(key, Limits.SEGMENT_BYTES));
      long firstOwn = document.fork().map(ForkOrigin::step).orElse(0L);
      if (!root.stream().equals(document.id())) {
        findings.fault(key + " belongs to the stream " + root.stream());
      } else if (root.state().firstOwn() != firstOwn) {
        findings.fault(key + " says that the first own step is " + root.state().firstOwn());
      } else {
        return Optional.of(root);
      }
    } catch (CorruptObjectException e) {
      findings.fault(e);
    }
    return Optional.empty();
  }

  private void compare(Map<Long, SnapshotRoot> snapshots, StreamState folded) {
    SnapshotRoot snapshot = snapshots.get(folded.version());
    if (snapshot != null && !snapshot.state().equals(folded)) {
      findings.fault(
          StreamKeys.snapshot(folded.version())
              + " says "
              + snapshot.state()
              + ", the log says "
              + folded);
    }
  }

  /** A gap would hide what lies behind it for ever. */
  private void checkNothingBehind(long tail) throws IOException {
    for (ObjectInfo info :
        store.list(StreamKeys.LOG, Optional.of(StreamKeys.entry(Math.max(tail, 0))))) {
      if (StreamKeys.version(info.key()).orElse(-1) > tail) {
        findings.fault(info.key() + " lies behind a gap: version " + (tail + 1) + " is missing");
      }
    }
  }
}
