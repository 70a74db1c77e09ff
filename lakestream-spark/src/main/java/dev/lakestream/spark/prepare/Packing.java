// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import dev.lakestream.error.InvalidRequestException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** How documents become sequences. */
public enum Packing {
  /** In their order, cut where a sequence is full: {@link GreedyPacker}. */
  GREEDY,
  /** Whole, the longest first: {@link BestFitPacker}. */
  BEST_FIT;

  /** The packing of this name, whatever its case. */
  public static Packing named(String name) {
    List<String> names =
        Arrays.stream(values()).map(each -> each.name().toLowerCase(Locale.ROOT)).toList();
    int found = names.indexOf(name.toLowerCase(Locale.ROOT));
    if (found < 0) {
      throw new InvalidRequestException("there is no packing '" + name + "', only " + names);
    }
    return values()[found];
  }

  /** A packer that hands its sequences to somebody. */
  public SequencePacker packer(int length, int padding, Consumer<PackedSequence> sink) {
    return this == GREEDY
        ? new GreedyPacker(length, padding, sink)
        : new BestFitPacker(length, padding, sink);
  }

  static int checkLength(int length) {
    if (length < 1) {
      throw new InvalidRequestException("a sequence can't have " + length + " tokens");
    }
    return length;
  }
}
