// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.reader.Topology;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What {@link StepReader} takes of a step for one rank, without reading it: slots, pieces, and the
 * ranges of bundles that hold them. Immutable.
 *
 * @param pieces those that the rank needs, ascending
 * @param ranges whole runs; for a group of K steps each holds the rank's share of all K
 */
public record RankShare(int firstSlot, int slots, List<Integer> pieces, List<Range> ranges) {
  /** Consecutive bytes of a bundle. */
  public record Range(ObjectKey bundle, long offset, long length) {}

  public RankShare {
    pieces = List.copyOf(pieces);
    ranges = List.copyOf(ranges);
  }

  /**
   * The share of a rank in the steps of a group.
   *
   * @throws dev.lakestream.error.InvalidRequestException if the topology does not divide the steps
   */
  public static RankShare of(
      LakeStream stream, CommittedGroup group, Topology topology, BufferAllocator allocator) {
    int slots = topology.slotsPerRank(group.slots());
    int first = topology.firstSlot(group.slots());
    ReaderOptions options = ReaderOptions.defaults();
    try (DecoderCache decoders = new DecoderCache(stream, topology, options, allocator)) {
      List<Integer> pieces = decoders.decoder(group).pieces();
      List<Range> ranges = new ArrayList<>();
      for (CellSource source : group.sources(group.firstStep())) {
        CellSource own = source.among(first, first + slots);
        if (own.count() > 0) {
          addRuns(own, pieces, ranges);
        }
      }
      return new RankShare(first, slots, pieces, ranges);
    }
  }

  private static void addRuns(CellSource source, List<Integer> pieces, List<Range> ranges) {
    BundleDescriptor bundle = source.bundle();
    for (int piece : pieces) {
      int run = bundle.run(piece, source.bundleSlot());
      long start = bundle.runs().start(run);
      long length = bundle.runs().start(run + source.count()) - start;
      int last = ranges.size() - 1;
      if (last >= 0
          && ranges.get(last).bundle().equals(bundle.key())
          && ranges.get(last).offset() + ranges.get(last).length() == start) {
        ranges.set(
            last,
            new Range(bundle.key(), ranges.get(last).offset(), ranges.get(last).length() + length));
      } else {
        ranges.add(new Range(bundle.key(), start, length));
      }
    }
  }
}
