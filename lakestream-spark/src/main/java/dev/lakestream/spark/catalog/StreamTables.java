// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.catalog;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.Action;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.spark.vector.SparkSchemas;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What {@code ALTER TABLE} may do to a stream. */
public final class StreamTables {

  private StreamTables() {}

  /**
   * Makes all changes, or none of those of columns and none of those of properties.
   *
   * @param check refuses what can't be properties
   * @throws InvalidRequestException if one of them is not possible
   */
  public static void alter(LakeStream stream, List<TableChange> changes, PropertyCheck check)
      throws IOException, InterruptedException {
    List<StructField> columns = new ArrayList<>();
    Map<String, String> before = TableProperties.of(stream);
    Map<String, String> after = new HashMap<>(before);
    for (TableChange change : changes) {
      if (change instanceof TableChange.AddColumn added) {
        columns.add(column(added));
      } else if (change instanceof TableChange.SetProperty set) {
        after.keySet().removeIf(set.property()::equalsIgnoreCase);
        after.put(set.property(), set.value());
      } else if (change instanceof TableChange.RemoveProperty removed) {
        after.keySet().removeIf(removed.property()::equalsIgnoreCase);
      } else {
        throw new InvalidRequestException(
            "a stream can't be changed like this ("
                + change.getClass().getSimpleName()
                + "): what is there never changes. Nullable columns can be added at the end, and"
                + " properties set");
      }
    }
    check.check(after);
    if (!columns.isEmpty()) {
      evolve(stream, new StructType(columns.toArray(StructField[]::new)));
    }
    if (!after.equals(before)) {
      TableProperties.replace(stream, after);
    }
  }

  /** Judges properties before they are kept. */
  public interface PropertyCheck {
    void check(Map<String, String> properties);
  }

  private static StructField column(TableChange.AddColumn added) {
    String name = String.join(".", added.fieldNames());
    if (added.fieldNames().length != 1) {
      throw new InvalidRequestException(
          "column '" + name + "': no field can be added to a struct of a stream, only columns");
    }
    if (added.position() != null || added.defaultValue() != null || !added.isNullable()) {
      throw new InvalidRequestException(
          "column '"
              + name
              + "': a column is added at the end, nullable and without a default, since steps that"
              + " were committed before don't have it");
    }
    return new StructField(name, added.dataType(), true, Metadata.empty());
  }

  private static void evolve(LakeStream stream, StructType columns)
      throws IOException, InterruptedException {
    StreamSchema former = stream.state().schema();
    List<Field> fields = new ArrayList<>(former.fields());
    fields.addAll(SparkSchemas.fields(columns, Map.of(), Set.of()));
    StreamSchema schema =
        new StreamSchema(former.id() + 1, fields, former.sequence(), former.boundaries());
    Optional<String> problem = schema.problem().or(() -> former.problemOfEvolution(schema));
    if (problem.isPresent()) {
      throw new InvalidRequestException("the columns can't be added: " + problem.get());
    }
    new StreamControl(stream).commit(new Action.AddSchema(schema));
    stream.refresh();
  }
}
