// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.StreamDocument;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.Atomicity;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.StoreProbe;
import java.io.IOException;
import java.util.List;

/** The one put that makes a stream. */
final class StreamCreation {
  private StreamCreation() {}

  /**
   * Puts the stream's document, unless there is one.
   *
   * @return {@link PutResult#EXISTS} also if it is ours, by an attempt that nobody answered
   */
  static PutResult put(ObjectStore store, StreamDocument document) throws IOException {
    byte[] content = encode(document);
    try {
      return store.putIfAbsent(StreamKeys.STREAM, content);
    } catch (OutcomeUnknownException e) {
      return store.putIfAbsent(StreamKeys.STREAM, content);
    }
  }

  /** Tries the store, unless it is known to be good or has a stream already. */
  static void requireOneWinner(ObjectStore store, Environment environment) throws IOException {
    if (store.atomicity().kind() != Atomicity.Kind.CERTAIN
        && store.head(StreamKeys.STREAM).isEmpty()) {
      StoreProbe.require(store, environment.uuids().get());
    }
  }

  /** What we write must be what any reader accepts: checked before it is put, not after. */
  private static byte[] encode(StreamDocument document) {
    byte[] content = StreamDocumentJson.encode(document);
    if (content.length > Limits.SMALL_OBJECT_BYTES) {
      throw new InvalidRequestException(
          "the schema needs " + content.length + " bytes, at most " + Limits.SMALL_OBJECT_BYTES);
    }
    try {
      StreamDocumentJson.decode(StreamKeys.STREAM.value(), content);
    } catch (CorruptObjectException e) {
      throw new InvalidRequestException("the stream is not allowed: " + e.getMessage());
    }
    return content;
  }

  /** The document of a new stream, checked. */
  static StreamDocument document(StreamDefinition definition, Environment environment) {
    StreamSchema schema =
        new StreamSchema(0, definition.fields(), definition.sequence(), definition.boundaries());
    schema
        .problem()
        .ifPresent(
            problem -> {
              throw new InvalidRequestException("the schema is not allowed: " + problem);
            });
    if (definition.slots() < 1
        || definition.slots() > Limits.SLOTS
        || definition.pieces() < 1
        || definition.pieces() > Limits.PIECES
        || (long) definition.slots() * definition.pieces() > Limits.RUNS) {
      throw new InvalidRequestException(
          "slots must be 1 to "
              + Limits.SLOTS
              + " and pieces 1 to "
              + Limits.PIECES
              + ", at most "
              + Limits.RUNS
              + " together; they are "
              + definition.slots()
              + " and "
              + definition.pieces());
    }
    return new StreamDocument(
        environment.uuids().get(),
        environment.clock().millis(),
        LogEntry.WRITER,
        List.of(),
        schema,
        new Action.Defaults(definition.slots(), definition.pieces()));
  }
}
