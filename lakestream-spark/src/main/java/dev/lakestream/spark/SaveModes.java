// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StreamExistsException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.spark.hadoop.SessionHadoop;
import dev.lakestream.spark.options.RowCounts;
import dev.lakestream.spark.options.RowOrder;
import dev.lakestream.spark.options.StreamAddress;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.spark.write.CountedRows;
import dev.lakestream.spark.write.WriteChecks;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.catalyst.util.CaseInsensitiveMap;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What {@code df.write.mode(…)} means for a stream.
 *
 * <p>Spark lets a source without a catalog know only the modes append and overwrite, and refuses
 * the others, among them the default, with words of its own. So {@link LakestreamSource} doesn't
 * say that it can write, is asked in the old way, with the mode, and hands the rows on to {@link
 * StreamSink}, which can.
 */
final class SaveModes {
  private SaveModes() {}

  static BaseRelation save(
      SQLContext context,
      SaveMode mode,
      scala.collection.immutable.Map<String, String> given,
      Dataset<Row> rows) {
    Map<String, String> options = withNamesAsGiven(given);
    WriteOptions checked = WriteOptions.of(SessionHadoop.with(options));
    // Spark would refuse some types by itself, but not by the name of the column.
    WriteChecks.columns(rows.schema(), checked);
    if (!WriteChecks.isDone(checked) && isToBeWritten(mode, checked.address())) {
      Map<String, String> all = new HashMap<>(options);
      Dataset<Row> ordered = rows;
      if (checked.order() == RowOrder.ORDERED) {
        CountedRows counted = CountedRows.of(rows);
        ordered = counted.rows();
        all.put(RowCounts.OPTION, counted.counts().encode());
      }
      ordered.write().format(StreamSink.class.getName()).options(all).mode(SaveMode.Append).save();
    }
    return new BaseRelation() {
      @Override
      public SQLContext sqlContext() {
        return context;
      }

      @Override
      public StructType schema() {
        return rows.schema();
      }
    };
  }

  private static boolean isToBeWritten(SaveMode mode, StreamAddress address) {
    return switch (mode) {
      case Append -> true;
      case Ignore -> !exists(address);
      case ErrorIfExists -> {
        if (exists(address)) {
          throw new StreamExistsException(
              "there is a stream at " + address + ": to add steps to it, say mode(\"append\")");
        }
        yield true;
      }
      case Overwrite ->
          throw new InvalidRequestException(
              "the stream at "
                  + address
                  + " can't be overwritten: what readers have seen never changes. Write to another"
                  + " URI, or say mode(\"append\") and trim the steps that are no longer wanted");
    };
  }

  private static boolean exists(StreamAddress address) {
    try (ObjectStore store = address.open()) {
      return store.head(StreamKeys.STREAM).isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException("the store of " + address + " can't be read", e);
    }
  }

  /** Names of columns are parts of names of options, and Spark would make them lower case. */
  private static Map<String, String> withNamesAsGiven(
      scala.collection.immutable.Map<String, String> options) {
    return CollectionConverters.asJava(
        options instanceof CaseInsensitiveMap<String> map ? map.originalMap() : options);
  }
}
