// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.JsonObject;
import dev.lakestream.format.Limits;
import dev.lakestream.format.PackedJson;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.Features;
import dev.lakestream.log.OpenIntent;
import dev.lakestream.log.RecordedJson;
import dev.lakestream.log.RecordedSchema;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Totals;
import java.util.List;
import java.util.Optional;

/** Roots of snapshots as sealed JSON ({@code docs/format.md} §8). */
public final class SnapshotJson {
  private static final int MAX_REFS = Limits.SEGMENT_BYTES / 64;

  private SnapshotJson() {}

  /** The bytes of a root. */
  public static byte[] encode(SnapshotRoot root) {
    StreamState state = root.state();
    ObjectNode json = SealedJson.object();
    json.put("lakestream", Limits.FORMAT_VERSION)
        .put("stream", root.stream().toString())
        .put("version", state.version())
        .put("digest", state.digest().hex())
        .put("time", state.time());
    ArrayNode requires = json.putArray("requires");
    if (state.firstOwn() > 0) {
      requires.add(Features.FORK);
      json.put("first_own", state.firstOwn());
    }
    json.put("next_step", state.totals().steps())
        .put("rows", state.totals().rows())
        .put("tokens", state.totals().tokens())
        .put("first_readable", state.firstReadable())
        .put("sealed", state.sealed());
    RecordedJson.writeSchemas(state.schemas(), json);
    json.putObject("defaults")
        .put("slots", state.defaults().slots())
        .put("pieces", state.defaults().pieces());
    RecordedJson.writeSkips(state.skips(), json);
    state
        .intent()
        .ifPresent(
            intent ->
                json.putObject("intent").put("version", intent.version()).put("to", intent.to()));
    writeIndexRefs(root.index(), json.putObject("index"));
    writeKeyedRefs(root.recent(), KeyedKind.PRODUCERS, json.putArray("recent"));
    writeKeyedRefs(root.producers(), KeyedKind.PRODUCERS, json.putArray("producers"));
    writeKeyedRefs(root.keys(), KeyedKind.KEYS, json.putArray("keys"));
    return PackedJson.seal(json, root.index().packed());
  }

  /** Reads the root of this version. */
  public static SnapshotRoot decode(String object, long version, byte[] content) {
    PackedJson whole = PackedJson.open(object, content);
    JsonObject json = whole.json();
    StreamDocumentJson.checkFormatVersion(object, json);
    EntryJson.checkRequires(object, json);
    if (json.integer("version") != version) {
      throw json.corrupt("it says that it is version " + json.integer("version"));
    }
    StreamState state = readState(json, version);
    IndexRefs index = readIndexRefs(json.object("index"), whole);
    checkCovers(json, index, state);
    return new SnapshotRoot(
        json.uuid("stream"),
        state,
        index,
        readKeyedRefs(json, "recent", KeyedKind.PRODUCERS),
        readKeyedRefs(json, "producers", KeyedKind.PRODUCERS),
        readKeyedRefs(json, "keys", KeyedKind.KEYS));
  }

  private static StreamState readState(JsonObject json, long version) {
    Totals totals =
        new Totals(json.integer("next_step"), json.integer("rows"), json.integer("tokens"));
    List<RecordedSchema> schemas = RecordedJson.readSchemas(json);
    RecordedJson.checkSchemas(json, schemas, version);
    return new StreamState(
        version,
        json.digest("digest"),
        json.integer("time"),
        totals,
        json.has("first_own") ? json.integer("first_own", 0, totals.steps()) : 0,
        json.integer("first_readable", 0, totals.steps()),
        json.bool("sealed"),
        schemas,
        EntryJson.readDefaults(json.object("defaults")),
        RecordedJson.readSkips(json),
        json.optionalObject("intent")
            .map(intent -> new OpenIntent(intent.integer("version"), intent.integer("to"))));
  }

  /** The index must cover all from a step that may be trimmed to the next one. */
  private static void checkCovers(JsonObject json, IndexRefs index, StreamState state) {
    long first = index.before().steps();
    if (first > Math.max(state.firstReadable(), state.firstOwn()) || first < state.firstOwn()) {
      throw json.corrupt("its index begins with step " + first);
    }
    if (!index.after().equals(state.totals())) {
      throw json.corrupt(
          "its index ends at " + index.after() + ", the stream at " + state.totals());
    }
  }

  static void writeIndexRefs(IndexRefs refs, ObjectNode json) {
    EntryJson.writeTotals(refs.before(), json);
    PackedJson.describe(refs.packed(), "refs", json);
  }

  static IndexRefs readIndexRefs(JsonObject json, PackedJson whole) {
    return IndexRefs.decode(
        EntryJson.readTotals(json), whole.packed(json.object("refs")), json::corrupt);
  }

  /** Whether it is that of a node. */
  private static boolean readKind(JsonObject ref, String leaf, String node) {
    String kind = ref.string("kind", 16);
    if (!kind.equals(node) && !kind.equals(leaf)) {
      throw ref.corrupt("a segment of kind '" + kind + "' has no place here");
    }
    return kind.equals(node);
  }

  static void writeKeyedRefs(List<KeyedRef> refs, KeyedKind kind, ArrayNode list) {
    refs.forEach(
        ref ->
            list.add(
                writeLocation(ref.where())
                    .put("kind", ref.node() ? kind.node() : kind.leaf())
                    .put("first", ref.first())
                    .put("last", ref.last())
                    .put("count", ref.count())));
  }

  static List<KeyedRef> readKeyedRefs(JsonObject json, String member, KeyedKind kind) {
    List<KeyedRef> refs =
        json.objects(
            member,
            MAX_REFS,
            ref ->
                new KeyedRef(
                    readLocation(ref),
                    readKind(ref, kind.leaf(), kind.node()),
                    ref.string("first", Limits.IDEMPOTENCE_LENGTH),
                    ref.string("last", Limits.IDEMPOTENCE_LENGTH),
                    ref.integer("count", 1, Limits.MAX_INTEGER)));
    Optional<String> last = Optional.empty();
    for (KeyedRef ref : refs) {
      if (Utf8Order.INSTANCE.compare(ref.first(), ref.last()) > 0
          || last.filter(id -> Utf8Order.INSTANCE.compare(id, ref.first()) >= 0).isPresent()) {
        throw json.corrupt("the refs of " + member + " are not in order");
      }
      last = Optional.of(ref.last());
    }
    return refs;
  }

  private static ObjectNode writeLocation(SegmentLocation where) {
    return SealedJson.object()
        .put("key", where.key().value())
        .put("bytes", where.bytes())
        .put("sha256", where.sha256().hex());
  }

  private static SegmentLocation readLocation(JsonObject ref) {
    SegmentLocation where =
        new SegmentLocation(
            ref.key("key"), ref.integer("bytes", 1, Limits.SEGMENT_BYTES), ref.digest("sha256"));
    if (!where.key().value().startsWith("segments/")) {
      throw ref.corrupt("the segment " + where.key() + " is not below segments/");
    }
    return where;
  }
}
