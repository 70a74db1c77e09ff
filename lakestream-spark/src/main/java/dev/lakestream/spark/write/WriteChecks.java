// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.spark.vector.SparkSchemas;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.types.StructType;

/** What can be said of a write before it is planned. */
public final class WriteChecks {
  private WriteChecks() {}

  /**
   * Refuses columns that a stream can't hold, by their names, where Spark would have other words.
   */
  public static void columns(StructType rows, WriteOptions options) {
    SparkSchemas.fields(PlaceColumns.without(rows, options.order()), Map.of(), Set.of());
  }

  /** Whether the log says that this very job was committed before; then that is said. */
  public static boolean isDone(WriteOptions options) {
    if (options.job().isEmpty()) {
      return false;
    }
    try (ObjectStore store = options.address().open()) {
      LakeStream stream = LakeStream.open(store);
      stream.refresh();
      return JobSession.isDone(options, stream);
    } catch (StreamNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("the stream at " + options.address() + " can't be read", e);
    }
  }
}
