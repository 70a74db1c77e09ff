// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.Totals;
import java.io.ByteArrayOutputStream;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.function.Function;

/**
 * Refs of the index, dense and in order, as a root or a node packs them ({@code docs/format.md}
 * §8). A root has thousands and a find needs one: all are checked when they are decoded, and each
 * becomes an {@link IndexRef} when it is asked for. Immutable.
 */
public final class IndexRefs extends AbstractList<IndexRef> implements RandomAccess {
  private final byte[] packed;

  /** Where each ref begins, and where the last one ends. */
  private final int[] offsets;

  /** Totals of the stream before each ref, and after the last one. */
  private final long[] steps;

  private final long[] rows;
  private final long[] tokens;

  private IndexRefs(byte[] packed, int[] offsets, long[] steps, long[] rows, long[] tokens) {
    this.packed = packed;
    this.offsets = offsets;
    this.steps = steps;
    this.rows = rows;
    this.tokens = tokens;
  }

  /** None: those of a stream that has no steps. */
  public static IndexRefs none() {
    return none(Totals.ZERO);
  }

  /** None, to which refs may be added that begin with these totals. */
  static IndexRefs none(Totals before) {
    return of(before, List.of());
  }

  /**
   * Packs refs.
   *
   * @param before totals of the stream before the first of them
   */
  public static IndexRefs of(Totals before, List<IndexRef> refs) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    refs.forEach(ref -> PackedRef.write(ref, packed));
    IndexRefs packedRefs = decode(before, packed.toByteArray(), IndexRefs::unexpected);
    if (!packedRefs.equals(refs)) {
      throw new IllegalArgumentException("the refs are not dense from " + before);
    }
    return packedRefs;
  }

  private static CorruptObjectException unexpected(String problem) {
    throw new IllegalArgumentException(problem);
  }

  /**
   * Checks what {@link #packed} gave.
   *
   * @param problem makes an error of what is wrong
   */
  static IndexRefs decode(
      Totals before, byte[] packed, Function<String, CorruptObjectException> problem) {
    int most = packed.length / PackedRef.LEAST_BYTES;
    int[] offsets = new int[most + 1];
    long[] steps = new long[most + 1];
    long[] rows = new long[most + 1];
    long[] tokens = new long[most + 1];
    steps[0] = before.steps();
    rows[0] = before.rows();
    tokens[0] = before.tokens();
    PackedRef ref = new PackedRef(packed, problem);
    int size = 0;
    int height = Limits.INDEX_DEPTH;
    while (offsets[size] < packed.length) {
      ref.read(offsets[size]);
      if (ref.height() > height) {
        throw problem.apply("a ref of height " + ref.height() + " comes after one of " + height);
      }
      height = ref.height();
      steps[size + 1] = sum(steps[size], ref.steps(), problem);
      rows[size + 1] = sum(rows[size], ref.rows(), problem);
      tokens[size + 1] = sum(tokens[size], ref.tokens(), problem);
      offsets[size + 1] = ref.end();
      size++;
    }
    return new IndexRefs(
        packed,
        Arrays.copyOf(offsets, size + 1),
        Arrays.copyOf(steps, size + 1),
        Arrays.copyOf(rows, size + 1),
        Arrays.copyOf(tokens, size + 1));
  }

  private static long sum(
      long before, long added, Function<String, CorruptObjectException> problem) {
    if (before + added > Limits.MAX_INTEGER) {
      throw problem.apply("its totals exceed " + Limits.MAX_INTEGER);
    }
    return before + added;
  }

  /** The refs from this one on, and before that one. */
  IndexRefs slice(int from, int to) {
    int[] begins = Arrays.copyOfRange(offsets, from, to + 1);
    for (int i = 0; i < begins.length; i++) {
      begins[i] -= offsets[from];
    }
    return new IndexRefs(
        Arrays.copyOfRange(packed, offsets[from], offsets[to]),
        begins,
        Arrays.copyOfRange(steps, from, to + 1),
        Arrays.copyOfRange(rows, from, to + 1),
        Arrays.copyOfRange(tokens, from, to + 1));
  }

  /** These refs and others, which go on where these end. */
  IndexRefs and(IndexRefs others) {
    if (isEmpty() || others.isEmpty()) {
      return isEmpty() ? others : this;
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream(packed.length + others.packed.length);
    all.writeBytes(packed);
    all.writeBytes(others.packed);
    return decode(before(), all.toByteArray(), IndexRefs::unexpected);
  }

  /** Without those that end before this step. */
  IndexRefs from(long step) {
    int first = 0;
    while (first < size() && nextStep(first) <= step) {
      first++;
    }
    return slice(first, size());
  }

  /** Their packed form. */
  byte[] packed() {
    return packed.clone();
  }

  @Override
  public int size() {
    return offsets.length - 1;
  }

  @Override
  public IndexRef get(int index) {
    PackedRef ref = new PackedRef(packed, IndexRefs::unexpected);
    ref.read(offsets[index]);
    return ref.unpacked(totals(index));
  }

  /** The height of one of them. */
  int height(int index) {
    return packed[offsets[index]];
  }

  /** The step after the last one of a ref. */
  long nextStep(int index) {
    return steps[index + 1];
  }

  /** Totals of the stream before the first of them. */
  public Totals before() {
    return totals(0);
  }

  /** Totals of the stream with the last of them. */
  public Totals after() {
    return totals(size());
  }

  private Totals totals(int index) {
    return new Totals(steps[index], rows[index], tokens[index]);
  }

  /** The one that covers a step; empty if none does. */
  Optional<IndexRef> covering(long step) {
    int found = Arrays.binarySearch(steps, step);
    int index = found >= 0 ? found : -found - 2;
    return index >= 0 && index < size() ? Optional.of(get(index)) : Optional.empty();
  }
}
