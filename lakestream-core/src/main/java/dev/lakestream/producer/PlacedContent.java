// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.RepeatRange;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an entry will carry, its segments uploaded.
 *
 * @param repeat which steps it repeats; empty if it has steps of its own
 * @param parquet whether there are Parquet bundles in it, which does not show in segments
 */
record PlacedContent(CommitContent content, Optional<RepeatRange> repeat, boolean parquet) {
  /** What the session has uploaded. */
  static PlacedContent ofOwn(LakeStream stream, ProducerStamp session, CommitContent.Inline content)
      throws IOException {
    ContentPlacement placement = ContentPlacement.ofOwn(stream, session);
    CommitContent placed = placement.place(content);
    return new PlacedContent(placed, Optional.empty(), placement.placedParquet());
  }

  /** What anybody has committed before. */
  static PlacedContent ofRepeated(LakeStream stream, ProducerStamp session, RepeatedSteps steps)
      throws IOException {
    ContentPlacement placement = ContentPlacement.ofRepeated(stream, session);
    CommitContent placed = place(placement, steps);
    return new PlacedContent(placed, Optional.of(steps.range()), placement.placedParquet());
  }

  /** Part by part, so that a repeat of any length needs little memory. */
  private static CommitContent place(ContentPlacement placement, RepeatedSteps steps)
      throws IOException {
    Optional<CommitContent.Inline> first = steps.next();
    Optional<CommitContent.Inline> part = first.isPresent() ? steps.next() : Optional.empty();
    if (first.isEmpty()) {
      throw new InvalidRequestException("there are no steps to repeat: all of them are left out");
    }
    if (part.isEmpty()) {
      return placement.place(first.get());
    }
    List<SegmentRef> segments = new ArrayList<>(placement.placeInSegments(first.get()));
    while (part.isPresent()) {
      segments.addAll(placement.placeInSegments(part.get()));
      part = steps.next();
    }
    return new CommitContent.Segmented(segments);
  }

  /** The entry that carries this content, with what clients must know to understand that. */
  LogEntry carriedBy(LogEntry entry) {
    LogEntry understood = parquet ? entry.withParquet() : entry;
    return repeat.map(understood::repeating).orElse(understood);
  }
}
