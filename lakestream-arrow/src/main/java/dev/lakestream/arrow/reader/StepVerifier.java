// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.log.StepRecord;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CommittedGroup;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Compares what the log says of the steps of a group with the directories of their runs: digest,
 * rows and tokens ({@code docs/format.md} §4.2). Reads no cells; {@link StepReader} verifies those.
 */
public final class StepVerifier implements AutoCloseable {
  private final CommittedGroup group;
  private final SlotDirectories directories;

  private StepVerifier(CommittedGroup group, SlotDirectories directories) {
    this.group = group;
    this.directories = directories;
  }

  /**
   * Reads and checks the directories of all runs of a group of steps.
   *
   * @param store that the group's bundles lie in
   */
  public static StepVerifier open(
      ObjectStore store, CommittedGroup group, BufferAllocator allocator) throws IOException {
    return new StepVerifier(group, SlotDirectories.open(store, group, allocator));
  }

  /**
   * Checks one step of the group.
   *
   * @throws CorruptObjectException if its record does not fit its cells
   */
  public void verify(long step) {
    List<SlotSummary> slots = directories.slots(step);
    StepRecord record = group.step(step);
    expect(
        step,
        "digest",
        record.digest(),
        StepDigest.of(slots.stream().map(SlotSummary::digest).toList()));
    expect(step, "rows", record.rows(), slots.stream().mapToLong(SlotSummary::rows).sum());
    expect(step, "tokens", record.tokens(), slots.stream().mapToLong(SlotSummary::tokens).sum());
  }

  private void expect(long step, String what, Object recorded, Object found) {
    if (!recorded.equals(found)) {
      throw new CorruptObjectException(
          group.sources(group.firstStep()).get(0).bundle().key().value(),
          "step "
              + step
              + ": the log says "
              + what
              + " "
              + recorded
              + ", the directories "
              + found);
    }
  }

  @Override
  public void close() {
    directories.close();
  }
}
