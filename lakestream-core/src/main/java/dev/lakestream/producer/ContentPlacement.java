// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.log.StepGroup;
import dev.lakestream.snapshot.SegmentJson;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keeps entries small: content that does not fit into one goes into segments, which are durable
 * before the entry names them (invariant 4).
 */
final class ContentPlacement {
  /** Well below the limit of a segment, so that finding a step fetches little. */
  private static final int SEGMENT_TARGET_BYTES = 1 << 20;

  private final LakeStream stream;
  private final ProducerStamp session;
  private final boolean repeats;
  private boolean placedParquet;

  private ContentPlacement(LakeStream stream, ProducerStamp session, boolean repeats) {
    this.stream = stream;
    this.session = session;
    this.repeats = repeats;
  }

  /** For what the session has uploaded. */
  static ContentPlacement ofOwn(LakeStream stream, ProducerStamp session) {
    return new ContentPlacement(stream, session, false);
  }

  /** For what anybody has committed before. */
  static ContentPlacement ofRepeated(LakeStream stream, ProducerStamp session) {
    return new ContentPlacement(stream, session, true);
  }

  /**
   * The content as an entry should carry it.
   *
   * @throws InvalidRequestException if no reader would accept it: an entry that names a bad segment
   *     would be in the log for ever
   */
  CommitContent place(CommitContent.Inline content) throws IOException {
    List<CommitContent.Inline> parts = split(content);
    if (parts.size() <= 1) {
      byte[] encoded = encode(content);
      if (encoded.length <= Limits.INLINE_ENTRY_BYTES) {
        return content;
      }
    }
    List<SegmentRef> segments = putAll(parts);
    return segments.isEmpty() ? CommitContent.none() : new CommitContent.Segmented(segments);
  }

  /** Whether there was a Parquet bundle in what was placed; then the entry must say so. */
  boolean placedParquet() {
    return placedParquet;
  }

  /** The content in segments, however small it is. */
  List<SegmentRef> placeInSegments(CommitContent.Inline content) throws IOException {
    return putAll(split(content));
  }

  private List<SegmentRef> putAll(List<CommitContent.Inline> parts) throws IOException {
    List<byte[]> encoded = new ArrayList<>();
    for (CommitContent.Inline part : parts) {
      checkOwned(part);
      encoded.add(encode(part));
    }
    List<SegmentRef> segments = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      segments.add(put(encoded.get(i), parts.get(i)));
    }
    return segments;
  }

  private byte[] encode(CommitContent.Inline part) {
    placedParquet |=
        part.bundles().stream().anyMatch(bundle -> bundle.format() == BundleFormat.PARQUET);
    byte[] content = SegmentJson.encodeContent(stream.id(), part);
    if (content.length > Limits.SEGMENT_BYTES) {
      throw new InvalidRequestException(
          "the steps of one bundle, or their cells, need "
              + content.length
              + " bytes in the log, at most "
              + Limits.SEGMENT_BYTES
              + ": fewer steps in a bundle, or smaller attributes, are wanted");
    }
    try {
      SegmentJson.decodeContent("of the commit", stream.id(), content);
    } catch (CorruptObjectException e) {
      throw new InvalidRequestException("the commit is not allowed: " + e.getMessage());
    }
    return content;
  }

  /**
   * What {@code valid} can't see in a segment (docs/format.md §5.2): a bundle of a former epoch
   * that is no attachment any more may have been collected (invariant 8).
   */
  private void checkOwned(CommitContent.Inline part) {
    int schemas = stream.state().schemas().size();
    Set<ObjectKey> kept =
        stream.producer(session.id()).map(ProducerState::attachments).orElse(List.of()).stream()
            .map(attachment -> attachment.bundle().key())
            .collect(Collectors.toSet());
    for (BundleDescriptor bundle : part.bundles()) {
      boolean owned =
          repeats
              ? StreamKeys.isBundle(bundle.key())
              : StreamKeys.isOwned(bundle.key(), session.id(), session.epoch(), false)
                  || kept.contains(bundle.key());
      if (!owned || bundle.schema() >= schemas) {
        throw new InvalidRequestException(
            "the bundle "
                + bundle.key()
                + (owned ? " has the unknown schema " + bundle.schema() : " is not " + session)
                + (owned ? "" : "'s"));
      }
    }
  }

  private SegmentRef put(byte[] content, CommitContent.Inline part) throws IOException {
    ObjectKey key =
        StreamKeys.commitSegment(session.id(), session.epoch(), stream.environment().uuids().get());
    try {
      // EXISTS can only be an attempt of our own: the UUID is fresh.
      new CertainPut(stream).put(key, content);
    } catch (CommitOutcomeUnknownException e) {
      // Of the segment; no entry names it, so the commit is certainly not made.
      throw new IOException("the segment " + key + " could not be written", e);
    }
    return new SegmentRef(key, content.length, Digest.of(content), part.totals());
  }

  /** By their size in the log, in the order of the steps. */
  private List<CommitContent.Inline> split(CommitContent.Inline content) {
    if (content.groups().size() == 1) {
      return List.of(part(content, content.groups())); // whatever it weighs
    }
    List<CommitContent.Inline> split = new ArrayList<>();
    List<StepGroup> groups = new ArrayList<>();
    long bytes = 0;
    for (StepGroup group : content.groups()) {
      int weight = weight(content, group);
      if (!groups.isEmpty() && bytes + weight > SEGMENT_TARGET_BYTES) {
        split.add(part(content, groups));
        groups.clear();
        bytes = 0;
      }
      groups.add(group);
      bytes += weight;
    }
    if (!groups.isEmpty()) {
      split.add(part(content, groups));
    }
    return split;
  }

  private int weight(CommitContent.Inline content, StepGroup group) {
    return SegmentJson.encodeContent(stream.id(), part(content, List.of(group))).length;
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
    for (int bundle : renumbered.keySet()) {
      if (bundle < 0 || bundle >= content.bundles().size()) {
        throw new InvalidRequestException(
            "the commit is not allowed: a group of steps takes bundle "
                + bundle
                + " of "
                + content.bundles().size());
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
