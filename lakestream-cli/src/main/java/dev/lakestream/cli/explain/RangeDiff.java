// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.reader.SlotDirectories;
import dev.lakestream.cli.StreamJson;
import dev.lakestream.format.SealedJson;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Compares two ranges of steps, the i-th step of one with the i-th of the other, by what the log
 * says of them; of the first pair that differs the slots, too. Reads no cells.
 *
 * @param listed how many differences are told one by one
 */
record RangeDiff(Side left, Side right, int listed) {
  /** One of the ranges. */
  record Side(String uri, LakeStream stream, StepRange.Steps steps) {
    private long count() {
      return steps.to() - steps.from();
    }

    private Optional<Place> at(long offset) throws IOException {
      long step = steps.from() + offset;
      return step < steps.to()
          ? Optional.of(new Place(stream, stream.groupOf(step), step))
          : Optional.empty();
    }
  }

  /** A step of a side. */
  private record Place(LakeStream stream, CommittedGroup group, long step) {
    private boolean sameAs(Place other) {
      return group.step(step).digest().equals(other.group.step(other.step).digest());
    }

    private List<SlotSummary> slots(BufferAllocator allocator) throws IOException {
      try (SlotDirectories directories =
          SlotDirectories.open(stream.storeOf(group), group, allocator)) {
        return directories.slots(step);
      }
    }
  }

  /** The differences, as JSON. */
  ObjectNode find() throws IOException {
    RangeSummary leftSummary = new RangeSummary();
    RangeSummary rightSummary = new RangeSummary();
    ArrayNode differences = SealedJson.object().putArray("differences");
    Optional<ObjectNode> first = Optional.empty();
    long same = 0;
    long pairs = Math.min(left.count(), right.count());
    long all = Math.max(left.count(), right.count());
    for (long offset = 0; offset < all; offset++) {
      Optional<Place> a = left.at(offset);
      Optional<Place> b = right.at(offset);
      a.ifPresent(place -> leftSummary.add(place.group(), place.step()));
      b.ifPresent(place -> rightSummary.add(place.group(), place.step()));
      if (a.isPresent() && b.isPresent() && a.get().sameAs(b.get())) {
        same++;
        continue;
      }
      if (first.isEmpty()) {
        first = Optional.of(firstDifference(offset, a, b));
      }
      if (differences.size() < listed) {
        differences.add(difference(offset, a, b));
      }
    }
    ObjectNode json = SealedJson.object();
    json.put("identical", same == all)
        .put("same_steps", same)
        .put("different_steps", pairs - same)
        .put("steps_without_counterpart", all - pairs)
        .put("same_in_any_order", leftSummary.inCommonWith(rightSummary));
    json.set("left", side(left, leftSummary));
    json.set("right", side(right, rightSummary));
    first.ifPresent(found -> json.set("first_difference", found));
    json.set("differences", differences);
    return json;
  }

  private static ObjectNode side(Side side, RangeSummary summary) {
    ObjectNode json = SealedJson.object();
    json.put("uri", side.uri())
        .put("stream", side.stream().id().toString())
        .put("from", side.steps().from())
        .put("to", side.steps().to());
    summary.addTo(json);
    return json;
  }

  private static ObjectNode difference(long offset, Optional<Place> a, Optional<Place> b) {
    ObjectNode json = SealedJson.object().put("offset", offset);
    a.ifPresent(place -> json.set("left", StreamJson.step(place.group(), place.step())));
    b.ifPresent(place -> json.set("right", StreamJson.step(place.group(), place.step())));
    return json;
  }

  /** Where the first difference is, down to the slot. */
  private static ObjectNode firstDifference(long offset, Optional<Place> a, Optional<Place> b)
      throws IOException {
    ObjectNode json = SealedJson.object().put("offset", offset);
    a.ifPresent(place -> json.put("left_step", place.step()));
    b.ifPresent(place -> json.put("right_step", place.step()));
    if (a.isEmpty() || b.isEmpty()) {
      return json;
    }
    try (BufferAllocator allocator = new RootAllocator()) {
      List<SlotSummary> leftSlots = a.get().slots(allocator);
      List<SlotSummary> rightSlots = b.get().slots(allocator);
      int slot = 0;
      while (slot < Math.min(leftSlots.size(), rightSlots.size())
          && leftSlots.get(slot).digest().equals(rightSlots.get(slot).digest())) {
        slot++;
      }
      json.put("slot", slot);
      json.put("left_slots", leftSlots.size()).put("right_slots", rightSlots.size());
    }
    return json;
  }
}
