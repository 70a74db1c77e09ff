// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.place;

import dev.lakestream.stream.CommittedGroup;
import java.util.Optional;

/**
 * A part of a stream: consecutive steps, consecutive slots of each, and what is known of the
 * commits that made the steps visible. Both ends of each range are included.
 *
 * @param committed microseconds since 1970
 * @param producer empty if there may be several
 */
public record PlaceBox(
    Range steps, Range slots, Range versions, Range committed, Optional<String> producer) {

  /** Numbers from one to another, both included. */
  public record Range(long low, long high) {
    static Range only(long value) {
      return new Range(value, value);
    }
  }

  private static final Range ANY_SLOT = new Range(0, Integer.MAX_VALUE);

  /** All slots of some steps of a group: {@code last} is included. */
  public static PlaceBox of(CommittedGroup group, long first, long last) {
    return new PlaceBox(
        new Range(first, last),
        new Range(0, group.slots() - 1L),
        Range.only(group.version()),
        Range.only(micros(group)),
        Optional.of(group.producer().id()));
  }

  /** All steps from one to another; commits are in the order of their steps, and so are times. */
  public static PlaceBox between(
      CommittedGroup group, long first, CommittedGroup lastGroup, long last) {
    return new PlaceBox(
        new Range(first, last),
        ANY_SLOT,
        new Range(group.version(), lastGroup.version()),
        new Range(micros(group), micros(lastGroup)),
        Optional.empty());
  }

  /** Microseconds since 1970, Spark's timestamp, of the commit of a group. */
  public static long micros(CommittedGroup group) {
    return Math.multiplyExact(group.time(), 1_000L);
  }

  PlaceBox withStep(long step) {
    return new PlaceBox(Range.only(step), slots, versions, committed, producer);
  }

  PlaceBox withSlots(long low, long high) {
    return new PlaceBox(steps, new Range(low, high), versions, committed, producer);
  }
}
