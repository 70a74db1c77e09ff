// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.arrow.sequence.SequenceCut;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.StreamState;
import dev.lakestream.reader.Topology;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;

/** The decoders of a reader, one for each kind of bundle that it has met. */
final class DecoderCache implements AutoCloseable {
  private record Kind(int stored, int delivered, int pieces) {}

  private final LakeStream stream;
  private final Topology topology;
  private final SequenceCut cut;
  private final ReaderOptions options;
  private final BufferAllocator allocator;
  private final Map<Kind, SlotDecoder> decoders = new HashMap<>();

  DecoderCache(
      LakeStream stream, Topology topology, ReaderOptions options, BufferAllocator allocator) {
    this.stream = stream;
    this.topology = topology;
    this.options = options;
    this.allocator = allocator;
    StreamSchema newest = stream.state().schema();
    // Schemas evolve, but never their boundaries: any of them says which column it is.
    this.cut = SequenceCut.of(topology, newest.boundaries());
    options.columns().ifPresent(names -> names.forEach(name -> requireColumn(newest, name)));
    cut.boundaries().ifPresent(name -> requireBoundaries(newest, name));
    delivered(newest);
  }

  /** The decoder for the bundles of a group. */
  SlotDecoder decoder(CommittedGroup group) {
    StreamState state = stream.state();
    StreamSchema stored = state.schemas().get(group.schema()).schema();
    StreamSchema delivered = state.schemaAt(group.version());
    return decoders.computeIfAbsent(
        new Kind(stored.id(), delivered.id(), group.pieces()),
        kind ->
            new SlotDecoder(stored, group.pieces(), cut, delivered(delivered), options, allocator));
  }

  /** Takes away what vectors that are used again show. */
  void clear() {
    decoders.values().forEach(decoder -> decoder.windows().ifPresent(SlotWindows::clear));
  }

  /** The wanted columns of a schema, with sequences as long as the rank gets them. */
  private List<Field> delivered(StreamSchema schema) {
    List<String> names =
        options.columns().orElse(schema.fields().stream().map(Field::name).toList());
    List<Field> wanted = names.stream().map(schema::field).flatMap(Optional::stream).toList();
    List<String> sequence = schema.sequence().stream().filter(names::contains).toList();
    return ArrowSchemas.divided(
            new StreamSchema(schema.id(), wanted, sequence, Optional.empty()), topology.cpSize())
        .fields();
  }

  private static void requireColumn(StreamSchema schema, String name) {
    if (schema.field(name).isEmpty()) {
      throw new InvalidRequestException(
          "there is no column '"
              + name
              + "'; there are "
              + String.join(", ", schema.fields().stream().map(Field::name).toList()));
    }
  }

  private static void requireBoundaries(StreamSchema schema, String name) {
    requireColumn(schema, name);
    Field column = schema.field(name).orElseThrow();
    boolean fits =
        !column.nullable()
            && column.type() instanceof ColumnType.ListOf list
            && !list.item().nullable()
            && list.item().type() == ColumnType.Simple.INT32;
    if (!fits) {
      throw new InvalidRequestException(
          "column '" + name + "' is no non-nullable list of int32, so no column of documents");
    }
  }

  @Override
  public void close() {
    decoders.values().forEach(SlotDecoder::close);
    decoders.clear();
  }
}
