// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.RowGroup;

/**
 * What makes cells one Parquet file: the bytes before the first and after the last. Its footer
 * names their row groups; the footers of cells are between what it names. Not thread-safe.
 */
public final class ParquetFileFrame {
  private static final String ARROW_SCHEMA = "ARROW:schema";

  private final ParquetFooters footers;
  private final List<KeyValue> notes;
  private final List<RowGroup> groups = new ArrayList<>();

  public ParquetFileFrame(List<Field> fields) {
    this.footers = new ParquetFooters(ParquetColumns.of(fields));
    Schema arrow =
        new Schema(
            fields.stream().map(field -> ArrowSchemas.toArrow(readable(field, false))).toList());
    String encoded = Base64.getEncoder().encodeToString(arrow.serializeAsMessage());
    this.notes = List.of(new KeyValue(ARROW_SCHEMA).setValue(encoded));
  }

  /** The magic, without padding. */
  public byte[] head() {
    return ParquetMetadata.MAGIC.clone();
  }

  /** Notes a cell; cells come in the order of the file. */
  public void addCell(long position, ParquetCell cell) {
    cell.group().ifPresent(group -> groups.add(ParquetCell.moved(group, position)));
  }

  /** Footer, its length and the magic. */
  public byte[] tail() {
    return footers.ofFile(groups, notes);
  }

  /** Arrow's readers of Parquet know no list of a fixed size that is null, or part of a null. */
  private static Field readable(Field field, boolean inNullable) {
    boolean nullable = inNullable || field.nullable();
    return new Field(field.name(), readable(field.type(), nullable), field.nullable());
  }

  private static ColumnType readable(ColumnType type, boolean nullable) {
    if (type instanceof ColumnType.FixedSizeList list) {
      Field item = readable(list.item(), false);
      return nullable
          ? new ColumnType.ListOf(item)
          : new ColumnType.FixedSizeList(item, list.size());
    } else if (type instanceof ColumnType.ListOf list) {
      return new ColumnType.ListOf(readable(list.item(), false));
    } else if (type instanceof ColumnType.LargeListOf list) {
      return new ColumnType.LargeListOf(readable(list.item(), false));
    } else if (type instanceof ColumnType.Struct struct) {
      return new ColumnType.Struct(
          struct.fields().stream().map(field -> readable(field, nullable)).toList());
    } else if (type instanceof ColumnType.MapOf map) {
      return new ColumnType.MapOf(readable(map.key(), false), readable(map.value(), false));
    }
    return type;
  }
}
