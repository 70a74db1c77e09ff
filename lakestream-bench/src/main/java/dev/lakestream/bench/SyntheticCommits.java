// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.format.Digest;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.RunLayout;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.store.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Commits of one bundle of which there is only the description: histories need no data. */
final class SyntheticCommits {
  /** Steps of a commit. */
  static final int STEPS = 10;

  private static final int SLOTS = 64;
  private static final long STRIDE = 1 << 18;

  private final Random random = new Random(1);

  /** The content of a commit whose bundle has this key. */
  CommitContent.Inline content(ObjectKey key) {
    return content(key, STEPS);
  }

  CommitContent.Inline content(ObjectKey key, int steps) {
    List<StepRecord> records = new ArrayList<>();
    byte[] bytes = new byte[16];
    for (int k = 0; k < steps; k++) {
      random.nextBytes(bytes);
      records.add(StepRecord.of(512, 1_048_576, Digest.of(bytes)));
    }
    BundleDescriptor bundle =
        new BundleDescriptor(
            key,
            384 + STRIDE * SLOTS + 512,
            BundleFormat.ARROW,
            0,
            steps,
            SLOTS,
            1,
            new RunLayout.Strided(384, STRIDE, SLOTS));
    return new CommitContent.Inline(
        List.of(bundle), List.of(new StepGroup.BundleGroup(0, records)));
  }
}
