// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.log.StreamState;
import java.util.List;
import java.util.UUID;

/**
 * The root of a snapshot ({@code docs/format.md} §8): the state after a version, and the segments
 * that hold what would be too large for it. It is written after all of them.
 *
 * @param recent producers that committed last; what they say counts, whatever {@code producers} do
 * @param producers all others, and perhaps former states of recent ones
 */
public record SnapshotRoot(
    UUID stream,
    StreamState state,
    IndexRefs index,
    List<KeyedRef> recent,
    List<KeyedRef> producers,
    List<KeyedRef> keys) {
  public SnapshotRoot {
    recent = List.copyOf(recent);
    producers = List.copyOf(producers);
    keys = List.copyOf(keys);
  }
}
