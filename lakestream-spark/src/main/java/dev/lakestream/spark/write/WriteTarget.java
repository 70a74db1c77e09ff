// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.arrow.parquet.ParquetColumns;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StreamExistsException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.spark.options.RowCounts;
import dev.lakestream.spark.options.RowOrder;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.spark.vector.SchemaFit;
import dev.lakestream.spark.vector.SparkSchemas;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;

/**
 * The stream that a job writes to, whether it exists or is to be created.
 *
 * @param schema of the stream
 * @param exists whether it did when the job was planned
 * @param slots and pieces of the job's bundles
 * @param rows of the job, with the columns that say where they belong
 * @param places these columns
 */
record WriteTarget(
    StreamSchema schema,
    boolean exists,
    int slots,
    int pieces,
    StructType rows,
    CellMeter meter,
    PlaceColumns places) {

  /**
   * Looks at the stream.
   *
   * @throws InvalidRequestException if options, DataFrame and stream don't fit each other
   */
  static WriteTarget of(WriteOptions options, StructType rows) throws IOException {
    try (ObjectStore store = options.address().open()) {
      LakeStream stream = LakeStream.open(store);
      stream.refresh();
      return existing(options, rows, stream);
    } catch (StreamNotFoundException e) {
      return fresh(options, rows);
    }
  }

  /** Creates the stream if it is not there, and checks again if somebody else has created it. */
  LakeStream open(WriteOptions options, ObjectStore store) throws IOException {
    if (exists) {
      return LakeStream.open(store);
    }
    try {
      return LakeStream.create(
          store,
          new StreamDefinition(
              schema.fields(), slots, pieces, schema.sequence(), schema.boundaries()),
          Environment.system());
    } catch (StreamExistsException e) {
      LakeStream stream = LakeStream.open(store);
      WriteTarget found = existing(options, rows, stream);
      if (found.slots != slots || found.pieces != pieces || !found.schema.equals(schema)) {
        throw e;
      }
      return stream;
    }
  }

  /** What every task of the job must know. */
  WritePlan plan(WriteOptions options, Optional<RowCounts> rowCounts, ProducerStamp stamp) {
    List<Field> fields = schema.fields();
    List<String> names = List.of(rows.fieldNames());
    return new WritePlan(
        options.address(),
        stamp.id(),
        stamp.epoch(),
        schema.id(),
        fields,
        schema.sequence(),
        schema.boundaries().orElse(""),
        fields.stream().map(field -> names.indexOf(field.name())).toList(),
        options.globalBatchSize() / slots,
        slots,
        pieces,
        options.bundleSize(),
        meter,
        options.order(),
        rowCounts.orElse(RowCounts.of()),
        places,
        options.bundleFormat(),
        options.compression());
  }

  /**
   * Refuses rows that are to be in order and were not counted, or whose partitions are others now.
   */
  void checkPartitions(WriteOptions options, Optional<RowCounts> rowCounts, int partitions) {
    if (options.order() != RowOrder.ORDERED) {
      return;
    }
    RowCounts counts =
        rowCounts.orElseThrow(
            () ->
                new InvalidRequestException(
                    "option 'order' = 'ordered' must count the rows first, which this session can't:"
                        + " it was made before it had our jar. Start Spark with --jars or --packages"));
    if (counts.partitions() != partitions) {
      throw new InvalidRequestException(
          "the DataFrame had "
              + counts.partitions()
              + " partitions when its rows were counted, and has "
              + partitions
              + " now: option 'order' = 'ordered' needs an input that is the same each time");
    }
  }

  private static PlaceColumns places(WriteOptions options, StructType rows) {
    return PlaceColumns.of(rows, options.order());
  }

  /** Refuses a stream that has ended, as it is at the last look. */
  static void checkNotSealed(WriteOptions options, LakeStream stream) {
    if (stream.state().sealed()) {
      throw new InvalidRequestException(
          "the stream at " + options.address() + " is sealed: no step can follow");
    }
  }

  private static WriteTarget existing(WriteOptions options, StructType rows, LakeStream stream) {
    StreamSchema schema = stream.state().schema();
    checkNotSealed(options, stream);
    StructType columns = PlaceColumns.without(rows, options.order());
    SchemaFit.ordinals(columns, schema.fields());
    fixedLengths(options, columns).forEach((column, length) -> checkLength(schema, column, length));
    options.sequence().ifPresent(names -> checkSame("sequence", names, schema.sequence()));
    options
        .boundaries()
        .ifPresent(name -> checkSame("boundaries", Optional.of(name), schema.boundaries()));
    int slots = options.slots().orElse(stream.state().defaults().slots());
    int pieces = options.pieces().orElse(stream.state().defaults().pieces());
    return checked(
        options,
        new WriteTarget(
            schema, true, slots, pieces, rows, meter(options, schema), places(options, rows)));
  }

  static WriteTarget fresh(WriteOptions options, StructType rows) {
    int slots =
        options
            .slots()
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        "there is no stream at "
                            + options.address()
                            + ", and to create one the option 'slots' is needed: into how many row"
                            + " partitions a step is divided, as a rule ranks × micro-batches"));
    List<String> sequence = options.sequence().orElse(List.of());
    Set<String> required = new HashSet<>(sequence);
    options.boundaries().ifPresent(required::add);
    StructType columns = PlaceColumns.without(rows, options.order());
    StreamSchema schema =
        new StreamSchema(
            0,
            SparkSchemas.fields(columns, fixedLengths(options, columns), required),
            sequence,
            options.boundaries());
    schema
        .problem()
        .ifPresent(
            problem -> {
              throw new InvalidRequestException(
                  "no stream can be created with this schema: " + problem);
            });
    return checked(
        options,
        new WriteTarget(
            schema,
            false,
            slots,
            options.pieces().orElse(1),
            rows,
            meter(options, schema),
            places(options, rows)));
  }

  private static WriteTarget checked(WriteOptions options, WriteTarget target) {
    options.checkSlots(target.slots);
    if (options.bundleFormat() == BundleFormat.PARQUET) {
      ParquetColumns.of(target.schema.fields());
    }
    if (target.pieces > 1 && target.schema.sequence().isEmpty()) {
      throw new InvalidRequestException(
          "option 'pieces' is "
              + target.pieces
              + ", but the stream has no sequence columns to divide: name them in option"
              + " 'sequence' when the stream is created");
    }
    for (String name : target.schema.sequence()) {
      if (target.schema.field(name).orElseThrow().type() instanceof ColumnType.FixedSizeList list
          && list.size() % target.pieces != 0) {
        throw new InvalidRequestException(
            "option 'pieces' is "
                + target.pieces
                + ", which does not divide the fixed length "
                + list.size()
                + " of the sequence column '"
                + name
                + "'");
      }
    }
    return target;
  }

  /** The declared lengths by the names of columns, which options name whatever the case. */
  private static Map<String, Integer> fixedLengths(WriteOptions options, StructType rows) {
    Map<String, Integer> lengths = new TreeMap<>();
    options
        .fixedLengths()
        .forEach(
            (name, length) -> {
              String option = "fixedLength." + name;
              List<String> names = List.of(rows.fieldNames());
              String column =
                  names.contains(name)
                      ? name
                      : names.stream()
                          .filter(name::equalsIgnoreCase)
                          .findFirst()
                          .orElseThrow(
                              () ->
                                  new InvalidRequestException(
                                      "option '" + option + "': the columns are " + names));
              if (!(rows.apply(column).dataType() instanceof ArrayType)) {
                throw new InvalidRequestException(
                    "option '"
                        + option
                        + "': column '"
                        + column
                        + "' is "
                        + rows.apply(column).dataType().sql()
                        + ", not an array");
              }
              lengths.put(column, length);
            });
    return lengths;
  }

  private static void checkLength(StreamSchema schema, String column, int length) {
    Field field = schema.field(column).orElseThrow();
    int stored = field.type() instanceof ColumnType.FixedSizeList list ? list.size() : -1;
    if (stored != length) {
      throw new InvalidRequestException(
          "option 'fixedLength."
              + column
              + "' is "
              + length
              + ", but in the stream the column has "
              + (stored < 0 ? "any length" : "the fixed length " + stored));
    }
  }

  private static void checkSame(String option, Object given, Object stored) {
    if (!given.equals(stored)) {
      throw new InvalidRequestException(
          "option '"
              + option
              + "' says "
              + given
              + ", the stream was created with "
              + stored
              + ": leave the option out");
    }
  }

  private static CellMeter meter(WriteOptions options, StreamSchema schema) {
    return CellMeter.of(
        schema.fields(),
        options.tokensColumn(),
        options.lossTokensColumn(),
        options.sourceColumn());
  }
}
