// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.golden;

import dev.lakestream.arrow.PackedRows;
import dev.lakestream.arrow.RandomRows;
import dev.lakestream.arrow.Schemas;
import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.CellCompression;
import dev.lakestream.arrow.bundle.HostileBundles;
import dev.lakestream.arrow.bundle.HostileParquetBundles;
import dev.lakestream.arrow.bundle.ParquetColumnsOfTests;
import dev.lakestream.log.Action;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CellRange;
import dev.lakestream.reader.Topology;
import dev.lakestream.reader.Topology.Split;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.testing.InspectedStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The golden streams with data: each one the objects of a stream and how it is to be read, good or
 * bad, always the same. The implementations of all languages are tested against them.
 */
final class GoldenData {
  private static final int LENGTH = 32;

  /** A good stream and the ranks that read it. */
  record Good(InspectedStore store, List<Topology> reads, String folder) {
    Good(InspectedStore store, List<Topology> reads) {
      this(store, reads, "");
    }
  }

  /** A bad stream and the object that is damaged. */
  record Bad(InspectedStore store, ObjectKey object) {}

  private final BufferAllocator allocator;
  private final Map<String, Good> good = new LinkedHashMap<>();
  private final Map<String, Bad> bad = new LinkedHashMap<>();

  GoldenData(BufferAllocator allocator) throws IOException {
    this.allocator = allocator;
    addGood();
    addDamaged();
    addHostile();
    addParquet();
  }

  Map<String, Good> good() {
    return good;
  }

  Map<String, Bad> bad() {
    return bad;
  }

  // ---------------------------------------------------------------------------------------- good

  private void addGood() throws IOException {
    good.put("data-tokens", new Good(tokens(), divided(4)));
    good.put("data-all-types", new Good(allTypes(), List.of(Topology.whole(), rank(1, 2))));
    good.put("data-pieces-declared", new Good(pieces(1003, 2, true), divided(2)));
    good.put("data-pieces-undeclared", new Good(pieces(1004, 4, false), divided(2)));
    good.put("data-pieces-evolution", new Good(piecesEvolution(), divided(2)));
    good.put("data-cell-groups", new Good(cellGroups(), divided(2)));
    good.put(
        "data-schema-evolution",
        new Good(schemaEvolution(), List.of(Topology.whole(), rank(0, 2))));
    good.put("data-trimmed", new Good(trimmed(), List.of(Topology.whole())));
    try {
      good.put("data-fork", new Good(fork(), divided(2), "forks/x/forks/y"));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    good.put("data-repeat", new Good(repeat(), List.of(Topology.whole(), rank(1, 2))));
    good.put("data-compressed", new Good(compressed(), divided(2)));
    good.put("data-parquet", new Good(parquet(), divided(2)));
    good.put(
        "data-parquet-all-types", new Good(parquetTypes(), List.of(Topology.whole(), rank(1, 2))));
  }

  private static Topology rank(int rank, int size) {
    return Topology.of(rank, size);
  }

  /** Ranks of many shapes for steps of so many slots; the sequences have to be cut by 8. */
  private static List<Topology> divided(int slots) {
    List<Topology> reads = new ArrayList<>();
    reads.add(Topology.whole());
    reads.add(rank(0, 2));
    reads.add(rank(slots - 1, slots));
    for (Split split : Split.values()) {
      reads.add(Topology.whole().withContextParallel(1, 2, split));
      reads.add(rank(1, 2).withContextParallel(0, 2, split));
      reads.add(Topology.whole().withContextParallel(2, 4, split));
      reads.add(Topology.whole().withContextParallel(1, 2, split).wholeSequences());
      reads.add(Topology.whole().withContextParallel(0, 2, split).perDocument("documents"));
    }
    reads.add(Topology.whole().withContextParallel(1, 4, Split.CONTIGUOUS).wholeSequences());
    return reads;
  }

  /** Sequences of a fixed size and the starts of their documents, in bundles of several steps. */
  private InspectedStore tokens() throws IOException {
    StreamSchema schema = Schemas.packed(LENGTH, true);
    DataHistory history = new DataHistory(1001, schema, 4, 1, allocator);
    history.commit(history.upload(BundleSpec.of(schema, 4, 1), 3, packed(schema, 1)));
    history.commit(history.upload(BundleSpec.streamed(schema, 4), 1, packed(schema, 2)));
    return history.store();
  }

  /** A fork of a fork that has steps of all three, each leaving its parent within a bundle. */
  private InspectedStore fork() throws IOException, InterruptedException {
    StreamSchema schema = Schemas.packed(LENGTH, true);
    BundleSpec spec = BundleSpec.of(schema, 2, 1);
    DataHistory history = new DataHistory(1010, schema, 2, 1, allocator);
    history.commit(history.upload(spec, 3, packed(schema, 1)));
    DataHistory fork = history.fork("x", 2);
    fork.commit(fork.upload(spec, 2, packed(schema, 2)));
    DataHistory second = fork.fork("y", 3);
    second.commit(second.upload(spec, 1, packed(schema, 3)));
    return history.store();
  }

  /** Whole steps in another order, and slots of several steps in one. */
  private InspectedStore repeat() throws IOException {
    StreamSchema schema = Schemas.packed(LENGTH, true);
    BundleSpec spec = BundleSpec.of(schema, 2, 1);
    DataHistory history = new DataHistory(1011, schema, 2, 1, allocator);
    BundleResult first = history.upload(spec, 2, packed(schema, 1));
    BundleResult second = history.upload(spec, 1, packed(schema, 2));
    history.commit(first);
    history.commit(second);
    List<BundleResult> both = List.of(first, second);
    history.repeat(
        0,
        3,
        both,
        List.of(
            DataHistory.gathered(both, new CellRange(0, 0, 2, 1)),
            DataHistory.gathered(both, new CellRange(1, 1, 1, 0), new CellRange(0, 0, 1, 1)),
            DataHistory.whole(1, second)));
    return history.store();
  }

  /** The rows of a slot: different documents in each, and sometimes no row at all. */
  private DataHistory.Rows packed(StreamSchema schema, int seed) {
    return (step, slot) -> {
      List<List<Integer>> bounds = new ArrayList<>();
      for (int row = 0; row < (step + slot * 3 + seed) % 3; row++) {
        int first = 8 * ((step + slot + row) % 4);
        bounds.add(row == 0 ? List.of(0, first, first, LENGTH) : List.of(0, LENGTH));
      }
      return PackedRows.rows(allocator, schema, bounds, seed * 100 + step * 10 + slot);
    };
  }

  /** Every type that there is, with and without nulls; the second slot has no row. */
  private InspectedStore allTypes() throws IOException {
    StreamSchema schema =
        new StreamSchema(
            0,
            Schemas.everyType().stream()
                .filter(field -> !(field.type() instanceof ColumnType.Interval))
                .toList(),
            List.of(),
            Optional.empty());
    DataHistory history = new DataHistory(1002, schema, 2, 1, allocator);
    BundleSpec spec = BundleSpec.of(schema, 2, 1);
    history.commit(history.upload(spec, 1, random(schema, 1002, slot -> slot == 0 ? 9 : 0)));
    return history.store();
  }

  private interface RowCount {
    int of(int slot);
  }

  private DataHistory.Rows random(StreamSchema schema, long seed, RowCount count) {
    return (step, slot) ->
        new RandomRows(seed + step * 100L + slot, allocator).rows(schema.fields(), count.of(slot));
  }

  /** Cells of each compression, in pieces and not, in one stream. */
  private InspectedStore compressed() throws IOException {
    StreamSchema schema = Schemas.packed(LENGTH, true);
    DataHistory history = new DataHistory(1012, schema, 2, 1, allocator);
    for (CellCompression compression : List.of(CellCompression.LZ4, CellCompression.ZSTD)) {
      BundleSpec whole = BundleSpec.of(schema, 2, 1).with(compression);
      history.commit(history.upload(whole, 1, packed(schema, 1)));
      BundleSpec pieces = BundleSpec.of(schema, 2, 2).with(compression);
      history.commit(history.upload(pieces, 1, packed(schema, 2)));
    }
    return history.store();
  }

  /** Parquet bundles of each compression, in pieces and not; a step of cells of both formats. */
  private InspectedStore parquet() throws IOException {
    StreamSchema schema = Schemas.packed(LENGTH, true);
    DataHistory history = new DataHistory(1013, schema, 2, 1, allocator);
    for (CellCompression compression : CellCompression.values()) {
      BundleSpec whole = BundleSpec.of(schema, 2, 1).as(BundleFormat.PARQUET).with(compression);
      history.commit(history.upload(whole, 1, packed(schema, 1)));
    }
    BundleSpec pieces = BundleSpec.of(schema, 2, 2).as(BundleFormat.PARQUET);
    history.commit(history.upload(pieces, 1, packed(schema, 2)));
    BundleSpec streamed = BundleSpec.streamed(schema, 2).as(BundleFormat.PARQUET);
    List<BundleResult> both =
        List.of(
            history.upload(streamed, 1, packed(schema, 3)),
            history.upload(BundleSpec.of(schema, 2, 1), 1, packed(schema, 4)));
    history.commit(
        both,
        List.of(
            DataHistory.gathered(both, new CellRange(0, 1, 1, 0), new CellRange(1, 0, 1, 0)),
            DataHistory.whole(0, both.get(0))));
    return history.store();
  }

  /** Every type that Parquet holds and pyarrow knows; the second slot has no row. */
  private InspectedStore parquetTypes() throws IOException {
    StreamSchema schema =
        new StreamSchema(
            0,
            ParquetColumnsOfTests.everyType().stream()
                .filter(field -> !(field.type() instanceof ColumnType.Interval))
                .toList(),
            List.of(),
            Optional.empty());
    DataHistory history = new DataHistory(1014, schema, 2, 1, allocator);
    BundleSpec spec = BundleSpec.of(schema, 2, 1).as(BundleFormat.PARQUET);
    history.commit(history.upload(spec, 1, random(schema, 1014, slot -> slot == 0 ? 9 : 0)));
    return history.store();
  }

  private InspectedStore pieces(long seed, int pieces, boolean declared) throws IOException {
    StreamSchema schema = Schemas.packed(LENGTH, declared);
    DataHistory history = new DataHistory(seed, schema, 2, pieces, allocator);
    history.commit(history.upload(BundleSpec.of(schema, 2, pieces), 2, packed(schema, 1)));
    return history.store();
  }

  /** Pieces of an older schema, committed after a newer one was added. */
  private InspectedStore piecesEvolution() throws IOException {
    StreamSchema schema = Schemas.packed(LENGTH, true);
    DataHistory history = new DataHistory(1005, schema, 2, 4, allocator);
    BundleResult older = history.upload(BundleSpec.of(schema, 2, 4), 1, packed(schema, 2));
    history.act(
        new Action.AddSchema(
            evolved(schema, Field.nullable("score", new ColumnType.ListOf(word())))));
    history.commit(older);
    return history.store();
  }

  private static Field word() {
    return Field.nullable("word", Simple.UTF8);
  }

  private static StreamSchema evolved(StreamSchema former, Field... added) {
    List<Field> fields = new ArrayList<>(former.fields());
    fields.addAll(List.of(added));
    return new StreamSchema(former.id() + 1, fields, former.sequence(), former.boundaries());
  }

  /** Steps of cells of several bundles, one of them with fewer slots; some cells are empty. */
  private InspectedStore cellGroups() throws IOException {
    StreamSchema schema = Schemas.packed(LENGTH, true);
    DataHistory history = new DataHistory(1006, schema, 4, 2, allocator);
    BundleResult first = history.upload(BundleSpec.of(schema, 3, 2), 2, packed(schema, 1));
    BundleResult second = history.upload(BundleSpec.of(schema, 2, 2), 1, packed(schema, 2));
    List<BundleResult> bundles = List.of(first, second);
    history.commit(
        bundles,
        List.of(
            DataHistory.gathered(bundles, new CellRange(0, 0, 3, 1), new CellRange(1, 1, 1, 0)),
            DataHistory.whole(1, second),
            DataHistory.gathered(bundles, new CellRange(1, 0, 1, 0), new CellRange(0, 2, 1, 0)),
            DataHistory.gathered(
                bundles,
                new CellRange(0, 1, 1, 0),
                new CellRange(0, 0, 1, 0),
                new CellRange(1, 0, 2, 0),
                new CellRange(0, 0, 2, 1))));
    return history.store();
  }

  /** Bundles of an older schema, before and after the newer one was added. */
  private InspectedStore schemaEvolution() throws IOException {
    StreamSchema schema = Schemas.of(Field.required("number", Simple.INT64), word());
    StreamSchema newer =
        evolved(
            schema,
            Field.nullable("score", Simple.FLOAT32),
            Field.nullable("tags", new ColumnType.ListOf(word())),
            Field.nullable("size", new ColumnType.Struct(List.of(word()))));
    DataHistory history = new DataHistory(1007, schema, 2, 1, allocator);
    BundleSpec before = BundleSpec.of(schema, 2, 1);
    history.commit(history.upload(before, 1, random(schema, 1, slot -> 3)));
    history.act(new Action.AddSchema(newer));
    history.commit(history.upload(before, 2, random(schema, 2, slot -> 2 * slot)));
    BundleSpec after = BundleSpec.of(newer, 2, 1);
    history.commit(history.upload(after, 1, random(newer, 3, slot -> 3)));
    return history.store();
  }

  /** The first steps are gone, with their bundle. */
  private InspectedStore trimmed() throws IOException {
    StreamSchema schema = Schemas.packed(LENGTH, true);
    DataHistory history = new DataHistory(1008, schema, 2, 1, allocator);
    BundleSpec spec = BundleSpec.of(schema, 2, 1);
    BundleDescriptor gone = history.commit(history.upload(spec, 2, packed(schema, 1)));
    history.commit(history.upload(spec, 2, packed(schema, 2)));
    long intent = history.act(new Action.TrimIntent(2));
    history.act(new Action.Trim(2, intent));
    history.act(new Action.Seal());
    history.store().delete(gone.key());
    return history.store();
  }

  // ----------------------------------------------------------------------------------------- bad

  private interface Damage {
    byte[] to(byte[] content, BundleDescriptor bundle);
  }

  private void addDamaged() throws IOException {
    addDamaged(
        "truncated",
        (content, bundle) -> Arrays.copyOf(content, Math.toIntExact(bundle.runs().start(3))));
    addDamaged("empty", (content, bundle) -> new byte[0]);
    addDamaged("flipped-in-directory", (content, bundle) -> flipped(content, start(bundle) + 40));
    addDamaged("flipped-in-metadata", (content, bundle) -> flipped(content, start(bundle) + 160));
    addDamaged(
        "flipped-in-body",
        (content, bundle) -> flipped(content, Math.toIntExact(bundle.runs().start(1)) - 100));
    addDamaged("flipped-in-padding", GoldenData::flippedInPadding);
    addDamaged("runs-exchanged", GoldenData::runsExchanged);
    InspectedStore store = tokens();
    ObjectKey key = firstBundle(store);
    store.delete(key);
    bad.put("data-missing", new Bad(store, key));
  }

  private void addDamaged(String name, Damage damage) throws IOException {
    addDamaged(name, BundleFormat.ARROW, damage);
  }

  private void addDamaged(String name, BundleFormat format, Damage damage) throws IOException {
    StreamSchema schema = Schemas.packed(LENGTH, true);
    DataHistory history = new DataHistory(2000 + bad.size(), schema, 2, 2, allocator);
    BundleDescriptor bundle =
        history.commit(
            history.upload(BundleSpec.of(schema, 2, 2).as(format), 3, packed(schema, 2)));
    String key = bundle.key().value();
    byte[] sound = history.store().contents().get(key);
    history.store().damage(key, damage.to(sound.clone(), bundle));
    bad.put("data-" + name, new Bad(history.store(), bundle.key()));
  }

  private static int start(BundleDescriptor bundle) {
    return Math.toIntExact(bundle.runs().start(0));
  }

  private static byte[] flipped(byte[] content, int at) {
    content[at] ^= 4;
    return content;
  }

  /** Padding belongs to its cell. */
  private static byte[] flippedInPadding(byte[] content, BundleDescriptor bundle) {
    int end = Math.toIntExact(bundle.runs().start(1));
    if (content[end - 1] != 0) {
      throw new IllegalStateException("the run does not end with padding");
    }
    return flipped(content, end - 1);
  }

  private static byte[] runsExchanged(byte[] content, BundleDescriptor bundle) {
    int from = start(bundle);
    int length = Math.toIntExact(bundle.runs().start(1)) - from;
    int to = Math.toIntExact(bundle.runs().start(bundle.run(1, 0)));
    byte[] exchanged = content.clone();
    System.arraycopy(content, from, exchanged, to, length);
    System.arraycopy(content, to, exchanged, from, length);
    return exchanged;
  }

  private static ObjectKey firstBundle(InspectedStore store) {
    return ObjectKey.of(store.keys("data").get(0));
  }

  private void addHostile() throws IOException {
    for (String name : HostileBundles.names()) {
      StreamSchema schema = HostileBundles.SCHEMA;
      DataHistory history = new DataHistory(3000 + bad.size(), schema, 1, 1, allocator);
      BundleResult bundle =
          HostileBundles.write(name, history.store(), history.newKey(), allocator);
      history.commit(bundle);
      bad.put("data-" + name, new Bad(history.store(), bundle.descriptor().key()));
    }
  }

  private void addParquet() throws IOException {
    addDamaged(
        "parquet-truncated",
        BundleFormat.PARQUET,
        (content, bundle) -> Arrays.copyOf(content, Math.toIntExact(bundle.runs().start(3))));
    addDamaged(
        "parquet-flipped-in-row-group",
        BundleFormat.PARQUET,
        (content, bundle) -> flipped(content, start(bundle) + 200));
    addDamaged(
        "parquet-flipped-in-footer-of-cell",
        BundleFormat.PARQUET,
        (content, bundle) -> flipped(content, Math.toIntExact(bundle.runs().start(1)) - 100));
    for (String name : HostileParquetBundles.names()) {
      StreamSchema schema = HostileParquetBundles.SCHEMA;
      DataHistory history = new DataHistory(4000 + bad.size(), schema, 1, 1, allocator);
      BundleResult bundle =
          HostileParquetBundles.write(name, history.store(), history.newKey(BundleFormat.PARQUET));
      history.commit(bundle);
      bad.put("data-" + name, new Bad(history.store(), bundle.descriptor().key()));
    }
  }
}
