// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.place;

import dev.lakestream.spark.place.PlaceBox.Range;
import java.util.List;
import java.util.Set;

/**
 * A condition on where rows are. What it says of a box holds for every box inside it, unless it is
 * {@link Extent#SOME}; of one cell whose commit is known it is certain.
 */
public sealed interface PlaceFilter {
  /** How many of the rows of a box meet it. */
  Extent test(PlaceBox box);

  /** Met by every row. */
  static PlaceFilter everything() {
    return new AllOf(List.of());
  }

  /** What is compared with numbers. */
  enum Dimension {
    STEP,
    SLOT,
    VERSION,
    COMMITTED;

    private Range of(PlaceBox box) {
      return switch (this) {
        case STEP -> box.steps();
        case SLOT -> box.slots();
        case VERSION -> box.versions();
        case COMMITTED -> box.committed();
      };
    }
  }

  /** From one number to another, both included; none if they are the wrong way round. */
  record Between(Dimension dimension, long low, long high) implements PlaceFilter {
    @Override
    public Extent test(PlaceBox box) {
      Range range = dimension.of(box);
      if (low > high || range.high() < low || high < range.low()) {
        return Extent.NONE;
      }
      return low <= range.low() && range.high() <= high ? Extent.ALL : Extent.SOME;
    }
  }

  /** Written by one of these producers. */
  record WrittenBy(Set<String> producers) implements PlaceFilter {
    public WrittenBy {
      producers = Set.copyOf(producers);
    }

    @Override
    public Extent test(PlaceBox box) {
      return box.producer()
          .map(producer -> producers.contains(producer) ? Extent.ALL : Extent.NONE)
          .orElse(producers.isEmpty() ? Extent.NONE : Extent.SOME);
    }
  }

  /** Written by a producer whose name begins like this. */
  record WrittenByPrefix(String prefix) implements PlaceFilter {
    @Override
    public Extent test(PlaceBox box) {
      return box.producer()
          .map(producer -> producer.startsWith(prefix) ? Extent.ALL : Extent.NONE)
          .orElse(Extent.SOME);
    }
  }

  /** Meets all of these; met by every row if there are none. */
  record AllOf(List<PlaceFilter> parts) implements PlaceFilter {
    public AllOf {
      parts = List.copyOf(parts);
    }

    @Override
    public Extent test(PlaceBox box) {
      Extent least = Extent.ALL;
      for (PlaceFilter part : parts) {
        Extent extent = part.test(box);
        if (extent == Extent.NONE) {
          return Extent.NONE;
        }
        least = extent == Extent.SOME ? Extent.SOME : least;
      }
      return least;
    }
  }

  /** Meets one of these at least. */
  record AnyOf(List<PlaceFilter> parts) implements PlaceFilter {
    public AnyOf {
      parts = List.copyOf(parts);
    }

    @Override
    public Extent test(PlaceBox box) {
      Extent most = Extent.NONE;
      for (PlaceFilter part : parts) {
        Extent extent = part.test(box);
        if (extent == Extent.ALL) {
          return Extent.ALL;
        }
        most = extent == Extent.SOME ? Extent.SOME : most;
      }
      return most;
    }
  }

  /** Does not meet this. Places are never null, so a row meets a condition or its opposite. */
  record Not(PlaceFilter part) implements PlaceFilter {
    @Override
    public Extent test(PlaceBox box) {
      return switch (part.test(box)) {
        case NONE -> Extent.ALL;
        case SOME -> Extent.SOME;
        case ALL -> Extent.NONE;
      };
    }
  }
}
