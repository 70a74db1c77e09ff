// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** Rows of any schema, drawn from a seed, with values that any Arrow library accepts. */
public final class RandomRows {
  private static final int MAX_LIST = 5;

  private final Random random;
  private final BufferAllocator allocator;

  public RandomRows(long seed, BufferAllocator allocator) {
    this.random = new Random(seed);
    this.allocator = allocator;
  }

  /** So many rows; the caller closes them. */
  public VectorSchemaRoot rows(List<Field> columns, int rows) {
    List<FieldVector> vectors = new ArrayList<>();
    for (Field column : columns) {
      FieldVector vector = ArrowSchemas.toArrow(column).createVector(allocator);
      fill(column, vector, rows);
      vectors.add(vector);
    }
    return new VectorSchemaRoot(
        columns.stream().map(ArrowSchemas::toArrow).toList(), vectors, rows);
  }

  private void fill(Field field, FieldVector vector, int count) {
    if (field.type() == Simple.NULL) {
      vector.loadFieldBuffers(new ArrowFieldNode(count, count), List.of());
      return;
    }
    List<ArrowBuf> buffers = new ArrayList<>();
    int nulls = addValidity(field, count, buffers);
    int[] lengths = addOwn(field.type(), count, buffers);
    vector.loadFieldBuffers(new ArrowFieldNode(count, nulls), buffers);
    buffers.forEach(ArrowBuf::close);
    List<Field> children = children(field.type());
    for (int child = 0; child < children.size(); child++) {
      fill(children.get(child), vector.getChildrenFromFields().get(child), lengths[0]);
    }
  }

  private int addValidity(Field field, int count, List<ArrowBuf> buffers) {
    ArrowBuf validity = zeros((count + 7) / 8);
    int nulls = 0;
    for (int index = 0; index < count; index++) {
      if (field.nullable() && random.nextInt(4) == 0) {
        nulls++;
      } else {
        validity.setByte(index / 8, validity.getByte(index / 8) | (1 << (index % 8)));
      }
    }
    buffers.add(validity);
    return nulls;
  }

  /** Adds the buffers after the validity; returns how many values a child has. */
  private int[] addOwn(ColumnType type, int count, List<ArrowBuf> buffers) {
    if (type instanceof ColumnType.FixedSizeList list) {
      return new int[] {count * list.size()};
    } else if (type instanceof ColumnType.Struct) {
      return new int[] {count};
    } else if (type instanceof ColumnType.ListOf || type instanceof ColumnType.MapOf) {
      return new int[] {addOffsets(count, 4, buffers)};
    } else if (type instanceof ColumnType.LargeListOf) {
      return new int[] {addOffsets(count, 8, buffers)};
    } else if (type == Simple.UTF8 || type == Simple.BINARY) {
      buffers.add(letters(addOffsets(count, 4, buffers)));
    } else if (type == Simple.LARGE_UTF8 || type == Simple.LARGE_BINARY) {
      buffers.add(letters(addOffsets(count, 8, buffers)));
    } else if (type == Simple.BOOL) {
      buffers.add(letters((count + 7) / 8));
    } else {
      buffers.add(values(type, count));
    }
    return new int[0];
  }

  private int addOffsets(int count, int width, List<ArrowBuf> buffers) {
    ArrowBuf offsets = zeros((count + 1) * width);
    int position = 0;
    for (int index = 1; index <= count; index++) {
      position += random.nextInt(MAX_LIST + 1);
      if (width == 4) {
        offsets.setInt(index * 4L, position);
      } else {
        offsets.setLong(index * 8L, position);
      }
    }
    buffers.add(offsets);
    return position;
  }

  private ArrowBuf letters(int count) {
    ArrowBuf letters = zeros(count);
    for (int index = 0; index < count; index++) {
      letters.setByte(index, 'a' + random.nextInt(26));
    }
    return letters;
  }

  private ArrowBuf values(ColumnType type, int count) {
    int width = type.width();
    boolean small =
        type instanceof ColumnType.Decimal128
            || type instanceof ColumnType.Time32
            || type instanceof ColumnType.Time64
            || type instanceof ColumnType.Interval;
    ArrowBuf values = zeros(count * width);
    for (int index = 0; index < count; index++) {
      if (small) {
        values.setByte((long) index * width, random.nextInt(10));
      } else if (type == Simple.DATE64) {
        values.setLong((long) index * width, random.nextInt(20_000) * 86_400_000L);
      } else if (type == Simple.FLOAT32) {
        values.setFloat((long) index * width, random.nextFloat());
      } else if (type == Simple.FLOAT64) {
        values.setDouble((long) index * width, random.nextDouble());
      } else {
        for (int at = 0; at < width; at++) {
          values.setByte((long) index * width + at, random.nextInt(64));
        }
      }
    }
    return values;
  }

  private ArrowBuf zeros(int bytes) {
    ArrowBuf buffer = allocator.buffer(Math.max(1, bytes));
    buffer.setZero(0, buffer.capacity());
    return buffer;
  }

  private static List<Field> children(ColumnType type) {
    if (type instanceof ColumnType.ListOf list) {
      return List.of(list.item());
    } else if (type instanceof ColumnType.LargeListOf list) {
      return List.of(list.item());
    } else if (type instanceof ColumnType.FixedSizeList list) {
      return List.of(list.item());
    } else if (type instanceof ColumnType.Struct struct) {
      return struct.fields();
    } else if (type instanceof ColumnType.MapOf map) {
      return List.of(
          Field.required("entries", new ColumnType.Struct(List.of(map.key(), map.value()))));
    }
    return List.of();
  }
}
