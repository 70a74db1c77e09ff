// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.log.StepGroup;
import dev.lakestream.snapshot.SegmentJson;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.PutResult;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps entries small: content that does not fit into one goes into segments, which are durable
 * before the entry names them (invariant 4).
 */
final class ContentPlacement {
  /** Well below the limit of a segment, so that finding a step fetches little. */
  private static final int SEGMENT_TARGET_BYTES = 1 << 20;

  private final LakeStream stream;
  private final ProducerStamp session;

  ContentPlacement(LakeStream stream, ProducerStamp session) {
    this.stream = stream;
    this.session = session;
  }

  /** The content as an entry should carry it. */
  CommitContent place(CommitContent.Inline content) throws IOException {
    byte[] encoded = SegmentJson.encodeContent(stream.id(), content);
    if (encoded.length <= Limits.INLINE_ENTRY_BYTES) {
      return content;
    }
    List<SegmentRef> segments = new ArrayList<>();
    for (CommitContent.Inline part : split(content, encoded.length)) {
      segments.add(put(part));
    }
    return new CommitContent.Segmented(segments);
  }

  private SegmentRef put(CommitContent.Inline part) throws IOException {
    byte[] content = SegmentJson.encodeContent(stream.id(), part);
    ObjectKey key =
        StreamKeys.commitSegment(session.id(), session.epoch(), stream.environment().uuids().get());
    if (stream.store().putIfAbsent(key, content) != PutResult.CREATED) {
      throw new IOException("the segment " + key + " exists already, though its UUID is fresh");
    }
    return new SegmentRef(key, content.length, Digest.of(content), part.totals());
  }

  private static List<CommitContent.Inline> split(CommitContent.Inline content, int bytes) {
    int parts = bytes / SEGMENT_TARGET_BYTES + 1;
    int groupsPerPart = Math.max(1, content.groups().size() / parts);
    List<CommitContent.Inline> split = new ArrayList<>();
    for (int from = 0; from < content.groups().size(); from += groupsPerPart) {
      int to = Math.min(content.groups().size(), from + groupsPerPart);
      split.add(part(content, content.groups().subList(from, to)));
    }
    return split;
  }

  /** These groups with just the bundles that they refer to. */
  private static CommitContent.Inline part(CommitContent.Inline content, List<StepGroup> groups) {
    Map<Integer, Integer> renumbered = new LinkedHashMap<>();
    List<StepGroup> moved = new ArrayList<>();
    for (StepGroup group : groups) {
      if (group instanceof StepGroup.BundleGroup whole) {
        moved.add(new StepGroup.BundleGroup(number(renumbered, whole.bundle()), whole.steps()));
      } else if (group instanceof StepGroup.CellGroup cells) {
        List<CellRange> ranges =
            cells.cells().stream()
                .map(
                    range ->
                        new CellRange(
                            number(renumbered, range.bundle()),
                            range.slot(),
                            range.count(),
                            range.step()))
                .toList();
        moved.add(new StepGroup.CellGroup(ranges, cells.step()));
      }
    }
    List<BundleDescriptor> bundles =
        renumbered.keySet().stream().map(index -> content.bundles().get(index)).toList();
    return new CommitContent.Inline(bundles, moved);
  }

  private static int number(Map<Integer, Integer> renumbered, int bundle) {
    return renumbered.computeIfAbsent(bundle, absent -> renumbered.size());
  }
}
