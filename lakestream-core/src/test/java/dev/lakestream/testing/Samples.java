// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.format.Digest;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.RunLayout;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.StreamDefinition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Small things that tests of the log need. Their bundles need not exist. */
public final class Samples {
  /** A column of tokens, as language models are trained on. */
  public static final Field TOKENS =
      Field.required(
          "tokens", new ColumnType.ListOf(Field.required("item", ColumnType.Simple.INT32)));

  private Samples() {}

  /** A stream of token sequences with 8 slots. */
  public static StreamDefinition definition() {
    return new StreamDefinition(List.of(TOKENS), 8, 1, List.of("tokens"), Optional.empty());
  }

  /** A bundle of this session, with runs of equal length. */
  public static BundleDescriptor bundle(String producer, long epoch, UUID uuid, int steps) {
    return bundle(StreamKeys.bundle(producer, epoch, uuid), steps, 8, 1);
  }

  public static BundleDescriptor bundle(ObjectKey key, int steps, int slots, int pieces) {
    long stride = 64L * (1 + steps);
    return new BundleDescriptor(
        key,
        384 + stride * slots * pieces + 512,
        key.value().endsWith(".parquet") ? BundleFormat.PARQUET : BundleFormat.ARROW,
        0,
        steps,
        slots,
        pieces,
        new RunLayout.Strided(384, stride, slots * pieces));
  }

  /** The record of a step of 16 rows whose digest follows from what is said of it. */
  public static StepRecord step(Object of) {
    return StepRecord.of(16, 16_384, Digest.of(of.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** A commit of a fresh bundle of so many steps. */
  public static Commit commit(ProducerSession session, int steps) {
    return Commit.of(whole(bundle(session.newBundleKey(), steps, 8, 1)), "s");
  }

  /** All steps of this bundle, as they are. */
  public static CommitContent.Inline whole(BundleDescriptor bundle) {
    List<StepRecord> steps = new ArrayList<>();
    for (int k = 0; k < bundle.steps(); k++) {
      steps.add(step(bundle.key() + "#" + k));
    }
    return new CommitContent.Inline(List.of(bundle), List.of(new StepGroup.BundleGroup(0, steps)));
  }
}
