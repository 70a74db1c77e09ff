// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.bundle.BundleResult.BundleStep;
import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.bundle.BundleSpec.Order;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.RunLayout;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Writes one bundle: an Arrow file whose record batches, or a Parquet file whose row groups, are
 * ordered by piece, slot and step, so that the share of any rank is one range ({@code
 * docs/format.md} §4).
 *
 * <p>Cells are held, sharing the buffers of their vectors, until {@link #finish()}; in a streamed
 * bundle each is written at once. Nothing is visible before {@code finish()} returns; {@link
 * #close()} without it leaves nothing.
 *
 * <p>Not thread-safe.
 */
public final class BundleWriter implements Closeable {
  private static final int MAX_CELLS = 1 << 24;

  private final ObjectStore store;
  private final ObjectKey key;
  private final UUID uuid;
  private final BundleSpec spec;
  private final SlotEncoder encoder;
  private final BundleFrame frame;
  private final CellTable cells;
  private final List<SlotSummary> streamed = new ArrayList<>();
  private final List<Long> starts = new ArrayList<>();
  private Optional<ObjectUpload> upload = Optional.empty();
  private Optional<GatheringOutput> output = Optional.empty();

  private BundleWriter(
      ObjectStore store, ObjectKey key, UUID uuid, BundleSpec spec, BufferAllocator allocator) {
    this.store = store;
    this.key = key;
    this.uuid = uuid;
    this.spec = spec;
    this.encoder = new SlotEncoder(spec, allocator);
    this.frame = frame(spec);
    this.cells = new CellTable(spec.slots());
  }

  private static BundleFrame frame(BundleSpec spec) {
    StreamSchema stored = ArrowSchemas.divided(spec.schema(), spec.pieces());
    return switch (spec.format()) {
      case ARROW -> new ArrowFileFrame(ArrowSchemas.toArrow(stored));
      case PARQUET -> new ParquetFrame(stored.fields());
    };
  }

  /**
   * A writer of one bundle.
   *
   * @param key of a bundle of the format that nobody else writes; see {@link StreamKeys#bundle}
   * @throws InvalidRequestException if the pieces do not divide the sequences of the schema, the
   *     format has no type for a column, or the key is none of such a bundle
   */
  public static BundleWriter create(
      ObjectStore store, ObjectKey key, BundleSpec spec, BufferAllocator allocator) {
    UUID uuid =
        StreamKeys.owner(key)
            .flatMap(owner -> StreamKeys.uuid(key))
            .filter(found -> key.value().endsWith("." + spec.format().label()))
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        "not the key of a bundle of the format "
                            + spec.format().label()
                            + ": "
                            + key));
    return new BundleWriter(store, key, uuid, spec, allocator);
  }

  /**
   * Adds the rows of one slot of one step; with several pieces it cuts them. The cells share the
   * buffers of the vectors: the caller may clear or close them, but must not write to them again.
   *
   * @param bundleStep 0, 1, 2, … within the bundle
   * @param tokens of the slot; 0 if nobody counts
   * @throws InvalidRequestException if the rows do not fit, or the cell is there already
   */
  public void add(int bundleStep, int slot, VectorSchemaRoot cell, long tokens) throws IOException {
    if (slot < 0 || slot >= spec.slots() || bundleStep < 0 || bundleStep >= Limits.BUNDLE_STEPS) {
      throw new InvalidRequestException(
          "there is no slot "
              + slot
              + " of step "
              + bundleStep
              + " in a bundle of "
              + spec.slots()
              + " slots");
    }
    if (tokens < 0 || tokens > Limits.MAX_INTEGER) {
      throw new InvalidRequestException("a slot of " + tokens + " tokens");
    }
    if (spec.order() == Order.STREAMED) {
      addStreamed(bundleStep, slot, cell, tokens);
      return;
    }
    cells.requireAbsent(bundleStep, slot);
    if ((bundleStep + 1L) * spec.slots() * spec.pieces() > MAX_CELLS) {
      throw new InvalidRequestException("a bundle has at most " + MAX_CELLS + " cells");
    }
    cells.put(bundleStep, slot, encoder.encode(bundleStep, slot, cell), tokens);
  }

  /** Bytes of the cells held. */
  public long bufferedBytes() {
    return cells.bytes();
  }

  /**
   * Writes what is held and makes the bundle visible and durable.
   *
   * @throws InvalidRequestException if a cell is missing
   */
  public BundleResult finish() throws IOException {
    if (spec.order() == Order.STREAMED) {
      if (streamed.size() != spec.slots()) {
        throw new InvalidRequestException(
            "the bundle " + key + " lacks the slots from " + streamed.size() + " on");
      }
      return finishEarly();
    }
    cells.requireComplete(key);
    for (int piece = 0; piece < spec.pieces(); piece++) {
      for (int slot = 0; slot < spec.slots(); slot++) {
        writeRun(piece, slot, cells.run(piece, slot));
      }
    }
    List<BundleStep> steps = IntStream.range(0, cells.steps()).mapToObj(cells::summary).toList();
    return new BundleResult(writeTail(steps.size(), spec.slots()), steps);
  }

  /**
   * Makes a streamed bundle visible and durable with the slots that it has, where no more come.
   *
   * @throws InvalidRequestException if it is not streamed, or has no slot
   */
  public BundleResult finishEarly() throws IOException {
    if (spec.order() != Order.STREAMED || streamed.isEmpty()) {
      throw new InvalidRequestException(
          "only a streamed bundle that has a slot can end before its last one: " + key);
    }
    List<BundleStep> steps = List.of(BundleStep.of(streamed));
    return new BundleResult(writeTail(1, streamed.size()), steps);
  }

  /** Lets go of all cells; what is not finished is gone. */
  @Override
  public void close() throws IOException {
    cells.close();
    if (upload.isPresent()) {
      upload.get().close();
    }
  }

  private void addStreamed(int bundleStep, int slot, VectorSchemaRoot cell, long tokens)
      throws IOException {
    if (bundleStep != 0 || slot != streamed.size()) {
      throw new InvalidRequestException(
          "a streamed bundle takes one step, slot after slot: slot "
              + streamed.size()
              + " is next, not slot "
              + slot
              + " of step "
              + bundleStep);
    }
    List<EncodedCell> encoded = encoder.encode(bundleStep, slot, cell);
    try (EncodedCell only = encoded.get(0)) {
      CellTable.Entry entry = new CellTable.Entry(only, tokens);
      writeRun(0, slot, List.of(entry));
      output().flush();
      streamed.add(CellTable.summary(List.of(entry)));
    }
  }

  private void writeRun(int piece, int slot, List<CellTable.Entry> run) throws IOException {
    GatheringOutput out = output();
    starts.add(out.position());
    byte[][] entries = run.stream().map(CellTable.Entry::bytes).toArray(byte[][]::new);
    out.write(RunDirectory.encode(uuid, piece, slot, entries));
    for (CellTable.Entry entry : run) {
      frame.addCell(out.position(), entry.cell());
      for (ByteBuffer buffer : entry.cell().buffers()) {
        out.write(buffer);
      }
    }
  }

  private BundleDescriptor writeTail(int steps, int slots) throws IOException {
    GatheringOutput out = output();
    starts.add(out.position());
    out.write(frame.tail());
    out.flush();
    upload.orElseThrow().finish();
    return new BundleDescriptor(
        key,
        out.position(),
        spec.format(),
        spec.schema().id(),
        steps,
        slots,
        spec.pieces(),
        RunLayout.of(starts.stream().mapToLong(Long::longValue).toArray()));
  }

  /** Begins the object when there is something to write. */
  private GatheringOutput output() throws IOException {
    if (output.isEmpty()) {
      ObjectUpload begun = store.upload(key);
      upload = Optional.of(begun);
      GatheringOutput out = new GatheringOutput(begun);
      out.write(frame.head());
      out.align();
      output = Optional.of(out);
    }
    return output.get();
  }
}
