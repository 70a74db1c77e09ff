// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.Platform;

/**
 * Appends the values of one column, or of a part of one, to the memory of an Arrow vector.
 *
 * <p>There is no bitmap until the first null: most columns have none. Where a value is null, its
 * bytes are 0, so that equal rows make equal cells.
 */
abstract class VectorWriter implements AutoCloseable {
  private final String path;
  private final boolean nullable;
  private final GrowingBuffer validity;
  private long validBytes;
  private int count;
  private int nulls;

  VectorWriter(String path, boolean nullable, BufferAllocator allocator) {
    this.path = path;
    this.nullable = nullable;
    this.validity = new GrowingBuffer(allocator);
  }

  /** Makes room for more values, in one go where their size is known. */
  abstract void reserve(int values);

  /** Appends a value that is not null. */
  abstract void put(SpecializedGetters source, int ordinal);

  /** Appends what stands in the place of a null. */
  abstract void putNothing();

  /** The buffers but the validity; the caller owns them. */
  abstract List<ArrowBuf> takeBuffers();

  /** Hands what the children have written to the children of the vector. */
  void loadChildren(FieldVector vector, AllValid allValid) {}

  final void append(SpecializedGetters source, int ordinal) {
    if (source.isNullAt(ordinal)) {
      appendNull();
    } else {
      put(source, ordinal);
      count++;
    }
  }

  final void appendNull() {
    checkNullable();
    putNothing();
    count++;
    markNull(count - 1);
  }

  /** Appends a part of a value that is itself null, whatever the schema says of the part. */
  final void appendFiller() {
    putNothing();
    count++;
    if (nullable) {
      markNull(count - 1);
    }
  }

  /** Appends all elements. */
  void appendAll(ArrayData array) {
    int values = array.numElements();
    reserve(values);
    for (int i = 0; i < values; i++) {
      append(array, i);
    }
  }

  final int count() {
    return count;
  }

  final void addCount(int values) {
    count = Math.addExact(count, values);
  }

  final BadRowException bad(String what) {
    return new BadRowException(path, what);
  }

  final BadRowException tooLarge() {
    return bad("makes a cell of more than 2 GiB: use more slots or a smaller globalBatchSize");
  }

  final void checkNullable() {
    if (!nullable) {
      throw bad("is null, which the schema of the stream forbids");
    }
  }

  /** Marks a value that has been appended as null. */
  final void markNull(int index) {
    setValid((index >>> 3) + 1L);
    long address = validity.address() + (index >>> 3);
    Platform.putByte(null, address, (byte) (Platform.getByte(null, address) & ~(1 << (index & 7))));
    nulls++;
  }

  /** Gives all that was written to a vector, and begins anew. */
  void load(FieldVector vector, AllValid allValid) {
    List<ArrowBuf> buffers = new ArrayList<>();
    try {
      buffers.add(nulls == 0 ? allValid.of(count) : takeValidity());
      buffers.addAll(takeBuffers());
      vector.loadFieldBuffers(new ArrowFieldNode(count, nulls), buffers);
    } finally {
      buffers.forEach(ArrowBuf::close);
    }
    loadChildren(vector, allValid);
    startOver();
  }

  final void startOver() {
    count = 0;
    nulls = 0;
    validBytes = 0;
  }

  @Override
  public void close() {
    validity.close();
  }

  private ArrowBuf takeValidity() {
    long bytes = (count + 7L) >>> 3;
    setValid(bytes);
    return validity.take(bytes);
  }

  private void setValid(long bytes) {
    if (bytes > validBytes) {
      validity.require(bytes);
      Platform.setMemory(null, validity.address() + validBytes, bytes - validBytes, (byte) 0xFF);
      validBytes = bytes;
    }
  }
}
