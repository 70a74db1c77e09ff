// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.log.StreamState;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;

/**
 * Makes a bundle of one step of a stage. Every file is read once, so what is checked, digested and
 * uploaded is the same, whatever becomes of the stage meanwhile.
 */
final class StagedStep {
  static final String STAGE = "staging";
  static final String DIGEST = "staging_sha256";

  private final BundleDescriptor bundle;
  private final StepRecord step;

  private StagedStep(BundleDescriptor bundle, StepRecord step) {
    this.bundle = bundle;
    this.step = step;
  }

  /**
   * Uploads the bundle.
   *
   * @param key of the bundle
   * @param state says which schema, and into how many pieces slots are cut
   * @throws dev.lakestream.error.InvalidRequestException if a file is not what the stream has
   */
  static StagedStep upload(
      ObjectStore store,
      ObjectKey key,
      Stage stage,
      String name,
      StreamState state,
      BufferAllocator allocator)
      throws IOException {
    StreamSchema schema = state.schema();
    int pieces = state.defaults().pieces();
    BundleSpec spec =
        pieces == 1
            ? BundleSpec.streamed(schema, stage.slots())
            : BundleSpec.of(schema, stage.slots(), pieces);
    Stage.Digester digester = new Stage.Digester();
    try (StagedRows reader = new StagedRows(schema, allocator);
        BundleWriter writer = BundleWriter.create(store, key, spec, allocator)) {
      for (int slot = 0; slot < stage.slots(); slot++) {
        int current = slot;
        try (Region file = stage.read(slot)) {
          digester.add(slot, file.bytes());
          reader.read(
              stage.where(slot),
              file.bytes(),
              rows -> writer.add(0, current, rows, tokens(schema, rows)));
        }
      }
      BundleResult result = writer.finish();
      return new StagedStep(result.descriptor(), record(result, name, digester.finish()));
    }
  }

  private static StepRecord record(BundleResult result, String name, String digest) {
    StepRecord plain = result.steps().get(0).asRecord();
    return new StepRecord(
        plain.rows(),
        plain.tokens(),
        plain.lossTokens(),
        plain.digest(),
        plain.sources(),
        plain.tags(),
        Map.of(STAGE, name, DIGEST, digest));
  }

  /** What the first sequence column has; nobody counts where there is none. */
  private static long tokens(StreamSchema schema, VectorSchemaRoot rows) {
    if (schema.sequence().isEmpty() || rows.getRowCount() == 0) {
      return 0;
    }
    FieldVector column = rows.getVector(schema.sequence().get(0));
    if (column instanceof ListVector lists) {
      return (long) lists.getElementEndIndex(rows.getRowCount() - 1)
          - lists.getElementStartIndex(0);
    }
    return (long) rows.getRowCount() * ((FixedSizeListVector) column).getListSize();
  }

  /** What a commit says of it. */
  CommitContent.Inline content() {
    return new CommitContent.Inline(
        List.of(bundle), List.of(new StepGroup.BundleGroup(0, List.of(step))));
  }
}
