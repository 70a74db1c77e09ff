// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import dev.lakestream.log.StreamState;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.spark.catalog.TableProperties;
import dev.lakestream.spark.options.ReadOptions;
import dev.lakestream.spark.read.ReadExtent;
import dev.lakestream.spark.vector.SparkSchemas;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.types.StructType;

/**
 * What a table shows of its stream.
 *
 * @param columns at the time that was asked for
 * @param kept properties that somebody has set
 * @param properties these, and facts of the stream
 */
record StreamDescription(
    StructType columns, Map<String, String> kept, Map<String, String> properties) {
  static StreamDescription of(ReadOptions options) {
    try (ObjectStore store = options.address().open()) {
      LakeStream stream = LakeStream.open(store);
      StreamSchema schema = ReadExtent.of(stream, options).schema();
      Map<String, String> kept = TableProperties.of(stream);
      Map<String, String> all = facts(options, stream);
      all.putAll(kept);
      return new StreamDescription(SparkSchemas.struct(schema.fields()), kept, all);
    } catch (IOException e) {
      throw new UncheckedIOException("the stream at " + options.address() + " can't be read", e);
    }
  }

  private static Map<String, String> facts(ReadOptions options, LakeStream stream) {
    StreamState state = stream.state();
    Map<String, String> facts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    facts.put(TableCatalog.PROP_PROVIDER, "lakestream");
    facts.put(TableCatalog.PROP_LOCATION, options.address().root());
    facts.put("stream", stream.id().toString());
    facts.put("created", Instant.ofEpochMilli(stream.document().created()).toString());
    facts.put("version", String.valueOf(state.version()));
    facts.put("steps", String.valueOf(state.nextStep()));
    facts.put("firstReadable", String.valueOf(state.firstReadable()));
    facts.put("rows", String.valueOf(state.totals().rows()));
    facts.put("tokens", String.valueOf(state.totals().tokens()));
    facts.put("slots", String.valueOf(state.defaults().slots()));
    facts.put("pieces", String.valueOf(state.defaults().pieces()));
    facts.put("sealed", String.valueOf(state.sealed()));
    if (!state.schema().sequence().isEmpty()) {
      facts.put("sequence", String.join(",", state.schema().sequence()));
    }
    state.schema().boundaries().ifPresent(name -> facts.put("boundaries", name));
    for (Field field : state.schema().fields()) {
      if (field.type() instanceof ColumnType.FixedSizeList list) {
        facts.put("fixedLength." + field.name(), String.valueOf(list.size()));
      }
    }
    return facts;
  }
}
