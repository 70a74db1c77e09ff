// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.verify;

import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.arrow.reader.StepVerifier;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.reader.Topology;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Reads every cell of every readable step: directories, checksums, structure, and that rows, tokens
 * and digests add up to what the log says (invariants 1, 3, 10).
 */
final class StepVerification {
  private static final ReaderOptions AT_ONCE = ReaderOptions.defaults().withDeadline(Duration.ZERO);

  private final LakeStream stream;
  private final BufferAllocator allocator;
  private final Findings findings;

  StepVerification(LakeStream stream, BufferAllocator allocator, Findings findings) {
    this.stream = stream;
    this.allocator = allocator;
    this.findings = findings;
  }

  /** Verifies all steps; tells how many are done. */
  void run(LongConsumer done) throws IOException, InterruptedException {
    long first = stream.firstReadable();
    long step = first;
    while (step < stream.state().nextStep()) {
      step = readUntilFault(step, first, done);
    }
  }

  /** Reads on from a step; gives the step after the one that was at fault, or after the last. */
  private long readUntilFault(long from, long first, LongConsumer done)
      throws IOException, InterruptedException {
    long step = from;
    try (StepReader reader = StepReader.open(stream, Topology.whole(), from, AT_ONCE, allocator)) {
      for (; step < stream.state().nextStep(); step++) {
        CommittedGroup group = stream.groupOf(step);
        if (step == from || step == group.firstStep()) {
          verifyDirectories(group, step);
        }
        reader.next();
        findings.count("steps", 1);
        if (group.ancestor() > 0) {
          findings.count("steps_of_parents", 1);
        }
        for (SlotBatch batch : reader.batches()) {
          findings.count("slots", 1);
          findings.count("rows", batch.root().getRowCount());
        }
        done.accept(step + 1 - first);
      }
    } catch (LakestreamException | ObjectNotFoundException e) {
      findings.fault("step " + step + ": " + e.getMessage());
      return step + 1;
    }
    return step;
  }

  private void verifyDirectories(CommittedGroup group, long from) throws IOException {
    try (StepVerifier verifier = StepVerifier.open(stream.storeOf(group), group, allocator)) {
      for (long step = from; step < group.nextStep(); step++) {
        verifier.verify(step);
      }
    }
  }
}
