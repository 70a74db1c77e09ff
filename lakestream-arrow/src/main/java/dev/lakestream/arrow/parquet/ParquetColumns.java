// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import dev.lakestream.arrow.parquet.PathNode.Kind;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.ListType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.MapType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;

/**
 * The columns of a stream as those of a Parquet file ({@code docs/format.md} §4.4): the elements of
 * its schema, and the leaves with the way to each. Immutable.
 */
public final class ParquetColumns {
  private final List<SchemaElement> elements = new ArrayList<>();
  private final List<ParquetLeaf> leaves = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final List<PathNode> nodes = new ArrayList<>();

  private ParquetColumns() {}

  /**
   * The Parquet columns of these.
   *
   * @throws InvalidRequestException if Parquet has no type for one; names it
   */
  public static ParquetColumns of(List<Field> fields) {
    ParquetColumns columns = new ParquetColumns();
    columns.elements.add(new SchemaElement("schema").setNum_children(fields.size()));
    for (int column = 0; column < fields.size(); column++) {
      Field field = fields.get(column);
      columns.add(column, field.name(), field, field.name(), 0, 0);
    }
    return columns;
  }

  /** The schema, depth first, beginning with the root. */
  List<SchemaElement> elements() {
    return elements;
  }

  List<ParquetLeaf> leaves() {
    return leaves;
  }

  /** Adds a field that is defined and repeated at these levels where its parent is there. */
  private void add(int column, String path, Field field, String name, int level, int repetition) {
    ColumnType type = field.type();
    boolean nullable = field.nullable() || type == Simple.NULL;
    int present = level + (nullable ? 1 : 0);
    SchemaElement element =
        new SchemaElement(name)
            .setRepetition_type(
                nullable ? FieldRepetitionType.OPTIONAL : FieldRepetitionType.REQUIRED);
    elements.add(element);
    names.add(name);
    if (type instanceof ColumnType.Struct struct) {
      addStruct(column, path, struct, element, nullable, present, repetition);
    } else if (type instanceof ColumnType.ListOf list) {
      addList(column, path, Kind.LIST, 4, list.item(), element, nullable, present, repetition);
    } else if (type instanceof ColumnType.LargeListOf list) {
      addList(column, path, Kind.LIST, 8, list.item(), element, nullable, present, repetition);
    } else if (type instanceof ColumnType.FixedSizeList list) {
      addList(
          column,
          path,
          Kind.FIXED_LIST,
          list.size(),
          list.item(),
          element,
          nullable,
          present,
          repetition);
    } else if (type instanceof ColumnType.MapOf map) {
      addMap(column, path, map, element, nullable, present, repetition);
    } else {
      LeafType leaf = LeafTypes.of(path, type, element);
      nodes.add(new PathNode(path, Kind.LEAF, nullable, present, repetition, 0, 0));
      leaves.add(new ParquetLeaf(column, names, nodes, leaf));
      nodes.remove(nodes.size() - 1);
    }
    names.remove(names.size() - 1);
  }

  private void addStruct(
      int column,
      String path,
      ColumnType.Struct struct,
      SchemaElement element,
      boolean nullable,
      int present,
      int repetition) {
    if (struct.fields().isEmpty()) {
      throw new InvalidRequestException(
          "column '"
              + path
              + "' is a struct without fields, which Parquet can't hold: leave it out, or write"
              + " Arrow bundles");
    }
    element.setNum_children(struct.fields().size());
    for (int child = 0; child < struct.fields().size(); child++) {
      Field field = struct.fields().get(child);
      nodes.add(new PathNode(path, Kind.STRUCT, nullable, present, repetition, 0, child));
      add(column, path + "." + field.name(), field, field.name(), present, repetition);
      nodes.remove(nodes.size() - 1);
    }
  }

  private void addList(
      int column,
      String path,
      Kind kind,
      int size,
      Field item,
      SchemaElement element,
      boolean nullable,
      int present,
      int repetition) {
    element.setNum_children(1).setLogicalType(LogicalType.LIST(new ListType()));
    elements.add(repeated("list", 1));
    names.add("list");
    nodes.add(new PathNode(path, kind, nullable, present, repetition + 1, size, 0));
    add(column, path + "." + item.name(), item, "element", present + 1, repetition + 1);
    nodes.remove(nodes.size() - 1);
    names.remove(names.size() - 1);
  }

  private void addMap(
      int column,
      String path,
      ColumnType.MapOf map,
      SchemaElement element,
      boolean nullable,
      int present,
      int repetition) {
    element.setNum_children(1).setLogicalType(LogicalType.MAP(new MapType()));
    elements.add(repeated("key_value", 2));
    names.add("key_value");
    nodes.add(new PathNode(path, Kind.LIST, nullable, present, repetition + 1, 4, 0));
    List<Field> entries = List.of(map.key(), map.value());
    for (int child = 0; child < entries.size(); child++) {
      Field field = entries.get(child);
      String name = child == 0 ? "key" : "value";
      nodes.add(new PathNode(path, Kind.STRUCT, false, present + 1, repetition + 1, 0, child));
      add(column, path + "." + name, field, name, present + 1, repetition + 1);
      nodes.remove(nodes.size() - 1);
    }
    nodes.remove(nodes.size() - 1);
    names.remove(names.size() - 1);
  }

  private static SchemaElement repeated(String name, int children) {
    return new SchemaElement(name)
        .setRepetition_type(FieldRepetitionType.REPEATED)
        .setNum_children(children);
  }

  /** Whether a file's schema is this one, as far as it says how values are stored. */
  boolean isSchema(List<SchemaElement> found) {
    if (found == null || found.size() != elements.size()) {
      return false;
    }
    for (int index = 0; index < found.size(); index++) {
      SchemaElement a = elements.get(index);
      SchemaElement b = found.get(index);
      boolean alike =
          index == 0
              || (a.getName().equals(b.getName())
                  && a.getRepetition_type() == b.getRepetition_type());
      if (!alike
          || a.getType() != b.getType()
          || a.getNum_children() != b.getNum_children()
          || (a.getType() == Type.FIXED_LEN_BYTE_ARRAY
              && a.getType_length() != b.getType_length())) {
        return false;
      }
    }
    return true;
  }
}
