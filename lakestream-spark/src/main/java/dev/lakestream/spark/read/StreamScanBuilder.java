// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.RecordedSchema;
import dev.lakestream.log.StreamState;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.spark.options.ReadOptions;
import dev.lakestream.spark.vector.SparkSchemas;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Plans a read of all readable steps as of now. */
public final class StreamScanBuilder implements ScanBuilder, SupportsPushDownRequiredColumns {
  private final ReadOptions options;
  private StructType wanted;

  /**
   * @param schema that the reader was told of
   */
  public StreamScanBuilder(ReadOptions options, StructType schema) {
    this.options = options;
    this.wanted = schema;
  }

  /**
   * The columns of the stream.
   *
   * @throws dev.lakestream.error.StreamNotFoundException if there is none
   */
  public static StructType schemaOf(ReadOptions options) {
    try (ObjectStore store = options.address().open()) {
      LakeStream stream = LakeStream.open(store);
      stream.refresh();
      return SparkSchemas.struct(stream.state().schema().fields());
    } catch (IOException e) {
      throw unreadable(options, e);
    }
  }

  /** Takes whole columns: parts of structs are pruned by Spark itself. */
  @Override
  public void pruneColumns(StructType required) {
    wanted = required;
  }

  @Override
  public Scan build() {
    try (ObjectStore store = options.address().open()) {
      LakeStream stream = LakeStream.open(store);
      StreamState state = stream.refresh();
      PartitionPlanner planner = new PartitionPlanner(options.partitionBytes());
      long rows = 0;
      long step = stream.firstReadable();
      while (step < state.nextStep()) {
        CommittedGroup group = stream.groupOf(step);
        planner.add(group, step);
        for (long each = step; each < group.nextStep(); each++) {
          rows += group.step(each).rows();
        }
        step = group.nextStep();
      }
      List<StreamSchema> schemas = state.schemas().stream().map(RecordedSchema::schema).toList();
      return new StreamScan(
          options.address(),
          readSchema(state.schema()),
          ShippedSchema.of(schemas),
          planner.finish(),
          rows,
          planner.bytes());
    } catch (IOException e) {
      throw unreadable(options, e);
    }
  }

  /** Only of wanted columns a type is asked for: Spark may have none for the others. */
  private StructType readSchema(StreamSchema schema) {
    List<StructField> fields = new ArrayList<>();
    for (StructField field : wanted.fields()) {
      Optional<Field> column = schema.field(field.name());
      if (column.isPresent()) {
        StructField stored = SparkSchemas.struct(List.of(column.get())).apply(field.name());
        requireSame(field, stored);
        fields.add(stored);
      } else if (MetadataColumns.isOne(field.name())) {
        fields.add(metadataField(field.name()));
      } else {
        throw new InvalidRequestException(
            "the stream at "
                + options.address()
                + " has no column '"
                + field.name()
                + "'; its columns are "
                + schema.fields().stream().map(Field::name).toList());
      }
    }
    return new StructType(fields.toArray(StructField[]::new));
  }

  /** Differs only if the user has named a schema. */
  private static void requireSame(StructField given, StructField stored) {
    if (!DataType.equalsIgnoreNullability(given.dataType(), stored.dataType())) {
      throw new InvalidRequestException(
          "column '"
              + given.name()
              + "' of the stream is "
              + stored.dataType().sql()
              + ", not "
              + given.dataType().sql()
              + ": leave out schema(…), the stream has one");
    }
  }

  private static StructField metadataField(String name) {
    MetadataColumn column =
        Arrays.stream(MetadataColumns.all())
            .filter(each -> each.name().equals(name))
            .findFirst()
            .orElseThrow();
    DataType type = column.dataType();
    return new StructField(name, type, false, Metadata.empty());
  }

  private static UncheckedIOException unreadable(ReadOptions options, IOException cause) {
    return new UncheckedIOException("the stream at " + options.address() + " can't be read", cause);
  }
}
