// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.bundle.BundleResult.BundleStep;
import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.RunLayout;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Bundles that whoever wrote them meant to be wrong: all checksums and digests fit. Each has one
 * slot and two steps; the second is the wrong one, where it is a cell.
 */
public final class HostileBundles {
  /** The schema of them all. */
  public static final StreamSchema SCHEMA =
      new StreamSchema(0, HandMadeCell.COLUMNS, List.of(), Optional.empty());

  private static final int ROWS = 2;
  private static final int TOKENS = 3;

  private static final Map<String, Consumer<HostileBundles>> WAYS = ways();

  private final ObjectKey key;
  private final List<HandMadeCell> cells = List.of(new HandMadeCell(), new HandMadeCell());
  private final long[] excess = new long[2];
  private UUID uuid;

  private HostileBundles(ObjectKey key) {
    this.key = key;
    this.uuid = StreamKeys.uuid(key).orElseThrow();
  }

  /** What there is, by what is wrong. */
  public static List<String> names() {
    return List.copyOf(WAYS.keySet());
  }

  /** Writes one of them. */
  public static BundleResult write(
      String name, ObjectStore store, ObjectKey key, BufferAllocator allocator) throws IOException {
    HostileBundles bundle = new HostileBundles(key);
    WAYS.get(name).accept(bundle);
    return bundle.write(store, allocator);
  }

  private static Map<String, Consumer<HostileBundles>> ways() {
    Map<String, Consumer<HostileBundles>> ways = new LinkedHashMap<>();
    ways.put("directory-of-another-bundle", bundle -> bundle.uuid = new UUID(1, 2));
    ways.put(
        "directory-overflow",
        bundle -> { // their sum is right again
          bundle.excess[0] = Long.MIN_VALUE;
          bundle.excess[1] = Long.MIN_VALUE;
        });
    ways.put("directory-too-long", bundle -> bundle.excess[1] = 64);
    ways.put("directory-too-short", bundle -> bundle.excess[1] = -64);
    ways.put("directory-unaligned", HostileBundles::shiftLengths);
    ways.put("cell-buffer-outside", inCell(cell -> cell.buffers[7] = 1 << 20));
    ways.put("cell-buffer-overflow", inCell(cell -> cell.buffers[6] = Long.MAX_VALUE - 3));
    ways.put("cell-buffer-short", inCell(cell -> cell.buffers[7] = 8));
    ways.put("cell-body-outside", inCell(cell -> cell.bodyLength = 1L << 40));
    ways.put("cell-rows-differ", inCell(cell -> cell.rows = 3));
    ways.put("cell-values-differ", inCell(cell -> cell.nodes[0] = 3));
    ways.put("cell-too-many-nulls", inCell(cell -> cell.nodes[1] = 3));
    ways.put("cell-nulls-without-validity", inCell(cell -> cell.nodes[1] = 1));
    ways.put("cell-nulls-where-none-may-be", inCell(cell -> cell.nodes[3] = 1));
    ways.put("cell-too-few-nodes", inCell(cell -> cell.nodes = new long[] {2, 0}));
    ways.put("cell-too-few-buffers", inCell(cell -> cell.buffers = new long[] {0, 0, 0, 12}));
    ways.put("cell-offsets-descending", inCell(cell -> cell.offsets[1] = 4));
    ways.put("cell-offsets-outside", inCell(cell -> cell.offsets[2] = 1_000_000));
    ways.put("cell-offsets-negative", inCell(cell -> cell.offsets[0] = -4));
    ways.put("cell-is-a-schema", inCell(cell -> cell.header = MessageHeader.Schema));
    ways.put(
        "cell-compressed-claims-too-much",
        inCell(cell -> cell.compression = CellCompression.ZSTD.codec()));
    ways.put(
        "cell-compressed-damaged",
        inCell(
            cell -> { // 12 bytes of nothing that LZ4 knows, which claim to be 12
              cell.compression = CellCompression.LZ4.codec();
              cell.offsets = new int[] {12, 0, 3};
            }));
    return ways;
  }

  private static Consumer<HostileBundles> inCell(Consumer<HandMadeCell> change) {
    return bundle -> change.accept(bundle.cells.get(1));
  }

  private static void shiftLengths(HostileBundles bundle) {
    bundle.excess[0] = 8;
    bundle.excess[1] = -8;
  }

  private BundleResult write(ObjectStore store, BufferAllocator allocator) throws IOException {
    ArrowFileFrame frame = new ArrowFileFrame(ArrowSchemas.toArrow(SCHEMA));
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    put(content, frame.head());
    put(content, Alignment.padding(content.size()));
    long start = content.size();
    List<EncodedCell> encoded = new ArrayList<>();
    for (HandMadeCell cell : cells) {
      encoded.add(encode(cell.build(), allocator));
    }
    byte[][] entries = new byte[encoded.size()][];
    for (int cell = 0; cell < entries.length; cell++) {
      entries[cell] = entry(encoded.get(cell), excess[cell]);
    }
    put(content, RunDirectory.encode(uuid, 0, 0, entries));
    for (EncodedCell cell : encoded) {
      frame.addCell(content.size(), cell.metadataLength(), cell.length());
      cell.buffers().forEach(buffer -> put(content, buffer));
      cell.close();
    }
    long end = content.size();
    put(content, frame.tail());
    store.putIfAbsent(key, content.toByteArray());
    return new BundleResult(
        new BundleDescriptor(
            key,
            content.size(),
            BundleFormat.ARROW,
            SCHEMA.id(),
            entries.length,
            1,
            1,
            RunLayout.of(new long[] {start, end})),
        List.of(step(entries[0]), step(entries[1])));
  }

  private static BundleStep step(byte[] entry) {
    return BundleStep.of(List.of(new SlotSummary(ROWS, TOKENS, StepDigest.ofSlot(List.of(entry)))));
  }

  private static byte[] entry(EncodedCell cell, long excess) {
    byte[] entry = RunDirectory.encodeEntry(cell, TOKENS);
    ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN).putLong(0, cell.length() + excess);
    return entry;
  }

  private static EncodedCell encode(byte[] cell, BufferAllocator allocator) {
    int metadata = 8 + ByteBuffer.wrap(cell).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    return new EncodedCell(
        buffer(cell, 0, metadata, allocator),
        List.of(buffer(cell, metadata, cell.length, allocator)),
        ROWS);
  }

  private static ArrowBuf buffer(byte[] cell, int start, int end, BufferAllocator allocator) {
    ArrowBuf buffer = allocator.buffer(end - start).slice(0, end - start);
    buffer.setBytes(0, cell, start, end - start);
    return buffer;
  }

  private static void put(ByteArrayOutputStream content, ByteBuffer part) {
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    content.writeBytes(bytes);
  }
}
