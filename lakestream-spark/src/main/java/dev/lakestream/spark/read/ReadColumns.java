// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.spark.options.StreamAddress;
import dev.lakestream.spark.place.MetadataColumns;
import dev.lakestream.spark.vector.SparkSchemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What Spark wants to read, as the stream has it. */
final class ReadColumns {
  private final StreamAddress address;
  private final StreamSchema schema;

  ReadColumns(StreamAddress address, StreamSchema schema) {
    this.address = address;
    this.schema = schema;
  }

  /**
   * The wanted columns, with their nullability, and of structs the wanted fields. Only of these a
   * type is asked for: Spark may have none for the others.
   *
   * @throws InvalidRequestException if the stream has them otherwise or not at all, which is so
   *     only if a user has named a schema
   */
  StructType of(StructType wanted) {
    List<StructField> fields = new ArrayList<>();
    for (StructField field : wanted.fields()) {
      Optional<Field> column = schema.field(field.name());
      if (column.isPresent()) {
        StructField stored = SparkSchemas.struct(List.of(column.get())).apply(field.name());
        DataType type =
            pruned(field.dataType(), stored.dataType()).orElseThrow(() -> differs(field, stored));
        fields.add(new StructField(stored.name(), type, stored.nullable(), stored.metadata()));
      } else if (MetadataColumns.isOne(field.name())) {
        fields.add(MetadataColumns.field(field.name()));
      } else {
        throw new InvalidRequestException(
            "the stream at "
                + address
                + " has no column '"
                + field.name()
                + "'; its columns are "
                + schema.fields().stream().map(Field::name).toList());
      }
    }
    return new StructType(fields.toArray(StructField[]::new));
  }

  /** The stored type with the wanted fields of structs; empty if it is another type. */
  private static Optional<DataType> pruned(DataType wanted, DataType stored) {
    if (wanted instanceof StructType some && stored instanceof StructType all) {
      List<StructField> fields = new ArrayList<>();
      for (StructField field : some.fields()) {
        Optional<StructField> kept =
            Arrays.stream(all.fields())
                .filter(each -> each.name().equals(field.name()))
                .findFirst();
        Optional<DataType> type = kept.flatMap(each -> pruned(field.dataType(), each.dataType()));
        if (type.isEmpty()) {
          return Optional.empty();
        }
        StructField known = kept.get();
        fields.add(new StructField(known.name(), type.get(), known.nullable(), known.metadata()));
      }
      return Optional.of(new StructType(fields.toArray(StructField[]::new)));
    } else if (wanted instanceof ArrayType some && stored instanceof ArrayType all) {
      return pruned(some.elementType(), all.elementType())
          .map(item -> new ArrayType(item, all.containsNull()));
    } else if (wanted instanceof MapType some && stored instanceof MapType all) {
      return pruned(some.keyType(), all.keyType())
          .flatMap(
              key ->
                  pruned(some.valueType(), all.valueType())
                      .map(value -> new MapType(key, value, all.valueContainsNull())));
    }
    return wanted.equals(stored) ? Optional.of(stored) : Optional.empty();
  }

  private static InvalidRequestException differs(StructField given, StructField stored) {
    return new InvalidRequestException(
        "column '"
            + given.name()
            + "' of the stream is "
            + stored.dataType().sql()
            + ", not "
            + given.dataType().sql()
            + ": leave out schema(…), the stream has one");
  }
}
