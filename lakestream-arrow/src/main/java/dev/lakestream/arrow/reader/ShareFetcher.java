// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.reader.Topology;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import org.apache.arrow.memory.BufferAllocator;

/** Finds the group of a step, and fetches a rank's share of it, in two steps of their own. */
final class ShareFetcher {
  private final LakeStream stream;
  private final Topology topology;
  private final ReaderOptions options;
  private final DecoderCache decoders;
  private final BufferAllocator allocator;

  /**
   * What is to be fetched.
   *
   * @param bytes how many
   */
  record Plan(CommittedGroup group, SlotDecoder decoder, long bytes) {}

  ShareFetcher(
      LakeStream stream,
      Topology topology,
      ReaderOptions options,
      DecoderCache decoders,
      BufferAllocator allocator) {
    this.stream = stream;
    this.topology = topology;
    this.options = options;
    this.decoders = decoders;
    this.allocator = allocator;
  }

  /** Plans the share of the group that a committed step is in. One thread at a time. */
  Plan plan(long step) throws IOException {
    CommittedGroup group = stream.groupOf(step);
    SlotDecoder decoder = decoders.decoder(group);
    return new Plan(group, decoder, GroupShare.bytes(group, topology, decoder));
  }

  /** Fetches; the caller closes it. Thread-safe. */
  GroupShare fetch(Plan plan) throws IOException {
    RangeReader ranges = new RangeReader(storeOf(plan.group()), allocator);
    return GroupShare.open(plan.group(), topology, plan.decoder(), ranges, options.maxRangeBytes());
  }

  private ObjectStore storeOf(CommittedGroup group) throws IOException {
    ObjectStore store = stream.storeOf(group);
    return options.hostCache().isPresent()
        ? options.hostCache().get().over(store, stream.ownerOf(group))
        : store;
  }
}
