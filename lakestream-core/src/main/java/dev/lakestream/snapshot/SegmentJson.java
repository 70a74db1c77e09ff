// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.JsonObject;
import dev.lakestream.format.Limits;
import dev.lakestream.format.PackedJson;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.ContentJson;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamDocumentJson;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;

/** The contents of segments as sealed JSON ({@code docs/format.md} §5.2, §8). */
public final class SegmentJson {
  private static final int MAX_ELEMENTS = Limits.SEGMENT_BYTES / 8;

  private SegmentJson() {}

  /** Bundles and steps of one commit. */
  public static byte[] encodeContent(UUID stream, CommitContent.Inline content) {
    ObjectNode json = header(stream, "commit");
    ContentJson.write(content, json);
    return SealedJson.seal(json);
  }

  /** Reads what {@link #encodeContent} wrote. */
  public static CommitContent.Inline decodeContent(String object, UUID stream, byte[] content) {
    JsonObject json = open(object, stream, "commit", content);
    if (ContentJson.read(json) instanceof CommitContent.Inline inline) {
      return inline;
    }
    throw json.corrupt("a segment of a commit names segments");
  }

  static byte[] encodeCommits(UUID stream, List<CondensedCommit> commits) {
    ObjectNode json = header(stream, "steps");
    ArrayNode list = json.putArray("commits");
    for (CondensedCommit commit : commits) {
      ObjectNode object = list.addObject();
      object
          .put("version", commit.version())
          .put("digest", commit.digest().hex())
          .put("time", commit.time())
          .set("producer", EntryJson.writeStamp(commit.producer()));
      EntryJson.writeTotals(commit.before(), object);
      commit.repeat().ifPresent(range -> object.set("repeat", EntryJson.writeRepeat(range)));
      ContentJson.write(commit.content(), object);
    }
    return SealedJson.seal(json);
  }

  static List<CondensedCommit> decodeCommits(String object, UUID stream, byte[] content) {
    JsonObject json = open(object, stream, "steps", content);
    return json.objects(
        "commits",
        MAX_ELEMENTS,
        commit ->
            new CondensedCommit(
                commit.integer("version"),
                commit.digest("digest"),
                commit.integer("time"),
                EntryJson.readStamp(commit.object("producer")),
                EntryJson.readTotals(commit),
                EntryJson.readRepeat(commit),
                ContentJson.read(commit)));
  }

  static byte[] encodeNode(UUID stream, IndexRefs children) {
    ObjectNode json = header(stream, "node");
    SnapshotJson.writeIndexRefs(children, json);
    return PackedJson.seal(json, children.packed());
  }

  static IndexRefs decodeNode(String object, UUID stream, byte[] content) {
    PackedJson whole = PackedJson.open(object, content);
    return SnapshotJson.readIndexRefs(checked(object, stream, "node", whole.json()), whole);
  }

  static byte[] encodeKeyedNode(UUID stream, KeyedKind kind, List<KeyedRef> children) {
    ObjectNode json = header(stream, kind.node());
    SnapshotJson.writeKeyedRefs(children, kind, json.putArray("children"));
    return SealedJson.seal(json);
  }

  static List<KeyedRef> decodeKeyedNode(
      String object, UUID stream, KeyedKind kind, byte[] content) {
    return SnapshotJson.readKeyedRefs(open(object, stream, kind.node(), content), "children", kind);
  }

  static byte[] encodeProducers(UUID stream, List<ProducerState> producers) {
    ObjectNode json = header(stream, "producers");
    ArrayNode list = json.putArray("producers");
    for (ProducerState producer : producers) {
      ObjectNode object = list.addObject();
      object
          .put("id", producer.id())
          .put("epoch", producer.epoch())
          .put("sequence", producer.sequence())
          .put("state", producer.state());
      EntryJson.writeAttachments(producer.attachments(), object);
      object
          .put("version", producer.version())
          .put("time", producer.time())
          .put("retired", producer.retired());
    }
    return SealedJson.seal(json);
  }

  static List<ProducerState> decodeProducers(String object, UUID stream, byte[] content) {
    JsonObject json = open(object, stream, "producers", content);
    return json.objects(
        "producers",
        MAX_ELEMENTS,
        producer ->
            new ProducerState(
                producer.name("id"),
                producer.integer("epoch", 1, Limits.MAX_INTEGER),
                producer.integer("sequence"),
                producer.optionalUtf8("state", Limits.STATE_BYTES).orElse(""),
                EntryJson.readAttachments(producer),
                producer.integer("version"),
                producer.integer("time"),
                producer.bool("retired")));
  }

  static byte[] encodeKeys(UUID stream, SortedMap<String, Long> keys) {
    ObjectNode json = header(stream, "keys");
    ArrayNode list = json.putArray("keys");
    keys.forEach((key, version) -> list.addArray().add(key).add(version));
    return SealedJson.seal(json);
  }

  static List<Map.Entry<String, Long>> decodeKeys(String object, UUID stream, byte[] content) {
    return open(object, stream, "keys", content)
        .pairs("keys", MAX_ELEMENTS, Limits.IDEMPOTENCE_LENGTH, Map::entry);
  }

  private static ObjectNode header(UUID stream, String kind) {
    return SealedJson.object()
        .put("lakestream", Limits.FORMAT_VERSION)
        .put("kind", kind)
        .put("stream", stream.toString());
  }

  private static JsonObject open(String object, UUID stream, String kind, byte[] content) {
    return checked(object, stream, kind, SealedJson.open(object, content));
  }

  private static JsonObject checked(String object, UUID stream, String kind, JsonObject json) {
    StreamDocumentJson.checkFormatVersion(object, json);
    if (!json.string("kind", 16).equals(kind)) {
      throw json.corrupt("it is no segment of kind '" + kind + "'");
    }
    if (!json.uuid("stream").equals(stream)) {
      throw json.corrupt("it belongs to the stream " + json.uuid("stream") + ", not " + stream);
    }
    return json;
  }
}
