// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.MapData;

/** Maps: lists of entries, each a struct of key and value. */
final class MapWriter extends VectorWriter {
  private final Offsets offsets;
  private final VectorWriter keys;
  private final VectorWriter values;

  MapWriter(
      String path,
      boolean nullable,
      BufferAllocator allocator,
      VectorWriter keys,
      VectorWriter values) {
    super(path, nullable, allocator);
    this.offsets = new Offsets(allocator);
    this.keys = keys;
    this.values = values;
  }

  @Override
  void reserve(int count) {
    offsets.reserve(Math.addExact(count(), count));
  }

  @Override
  void put(SpecializedGetters source, int ordinal) {
    MapData map = source.getMap(ordinal);
    if (map.numElements() > Integer.MAX_VALUE - keys.count()) {
      throw tooLarge();
    }
    keys.appendAll(map.keyArray());
    values.appendAll(map.valueArray());
    offsets.end(count(), keys.count());
  }

  @Override
  void putNothing() {
    offsets.end(count(), keys.count());
  }

  @Override
  List<ArrowBuf> takeBuffers() {
    return List.of(offsets.take(count()));
  }

  @Override
  void loadChildren(FieldVector vector, AllValid allValid) {
    FieldVector entries = vector.getChildrenFromFields().get(0);
    try (ArrowBuf valid = allValid.of(keys.count())) {
      entries.loadFieldBuffers(new ArrowFieldNode(keys.count(), 0), List.of(valid));
    }
    keys.load(entries.getChildrenFromFields().get(0), allValid);
    values.load(entries.getChildrenFromFields().get(1), allValid);
  }

  @Override
  public void close() {
    super.close();
    offsets.close();
    keys.close();
    values.close();
  }
}
