// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.log.Action;
import dev.lakestream.retention.HeartbeatJson;
import dev.lakestream.retention.Pin;
import dev.lakestream.retention.PinJson;
import dev.lakestream.snapshot.SegmentJson;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.History;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.RandomHistory;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.Seals;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Good objects, changed at random: only errors of our own may come of it, and soon (invariant 10).
 * Most are sealed again, so that what is behind the seal meets them.
 */
@Timeout(60)
@Execution(ExecutionMode.SAME_THREAD)
class MutationTest {
  private static final int CASES = 21_000;
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Map<Decoder, byte[]> GOOD = new EnumMap<>(Decoder.class);
  private static final Map<String, JsonNode> TREES = new ConcurrentHashMap<>();
  private static UUID stream = new UUID(0, 0);

  @BeforeAll
  static void makeGoodObjects() throws Exception {
    History history = History.begin(1);
    RandomHistory random = new RandomHistory(history, new Random(4));
    for (int i = 0; i < 24; i++) {
      random.step();
    }
    history.act(new Action.Skip(0, 1, "bad"), new Action.TrimIntent(history.state().nextStep()));
    stream = history.document().id();
    SnapshotRoot root =
        history.snapshot(new SnapshotWriter.Shape(4, 8, 4000, 2, 1), Optional.empty());
    Map<String, byte[]> objects = history.store().contents();
    GOOD.put(Decoder.STREAM, objects.get("stream.json"));
    GOOD.put(
        Decoder.ENTRY,
        history.entries().stream()
            .filter(content -> content.length > 1500)
            .min((a, b) -> Integer.compare(a.length, b.length))
            .orElseThrow());
    GOOD.put(
        Decoder.ROOT,
        objects.get(
            "snapshots/" + String.format(Locale.ROOT, "%020d", root.state().version()) + ".json"));
    for (byte[] content : objects.values()) {
      String text = new String(content, UTF_8);
      Map.of(
              "steps", Decoder.INDEX_LEAF,
              "node", Decoder.INDEX_NODE,
              "producers", Decoder.PRODUCERS,
              "producers-node", Decoder.KEYED_NODE,
              "keys", Decoder.KEYS)
          .forEach(
              (kind, decoder) -> {
                if (text.startsWith("{\"lakestream\":1,\"kind\":\"" + kind + "\"")) {
                  GOOD.put(decoder, content);
                }
              });
    }
    GOOD.put(
        Decoder.COMMIT_SEGMENT,
        SegmentJson.encodeContent(
            stream, Samples.whole(history.bundle(RandomHistory.PRODUCERS.get(0), 3))));
    GOOD.put(
        Decoder.PIN,
        PinJson.encode(stream, new Pin(Decoder.PIN_KEY, "run", "a", 3, Optional.of(9L), 1)));
    GOOD.put(Decoder.HEARTBEAT, HeartbeatJson.encode(stream, new HeartbeatJson.Beat("run", 3, 1)));
    GOOD.put(
        Decoder.CURSOR,
        LakeStream.open(history.store(), history.environment())
            .cursor(history.state().nextStep(), -1)
            .toJson()
            .getBytes(UTF_8));
  }

  @Test
  void goodObjectsAreGood() {
    assertThat(GOOD).containsOnlyKeys(Decoder.values());
    GOOD.forEach(
        (decoder, content) -> {
          byte[] fitted = fit(decoder, content);
          decoder.decode(stream, fitted);
        });
  }

  /** The decoders expect version 1. */
  private static byte[] fit(Decoder decoder, byte[] content) {
    if (decoder != Decoder.ENTRY && decoder != Decoder.ROOT) {
      return content;
    }
    String body = Seals.unseal(content).replaceFirst("\"version\":\\d+", "\"version\":1");
    byte[] fitted =
        Seals.seal(
            decoder == Decoder.ROOT
                ? body.replaceAll(
                    "(\"boundaries\":\"[^\"]*\"|\\]),\"version\":\\d+", "$1,\"version\":1")
                : body);
    return Seals.followed(fitted, Seals.rest(content));
  }

  @Test
  void mutatedObjectsCauseErrorsOfOurOwn() {
    long seed = Long.getLong("lakestream.seed", 42);
    List<Decoder> decoders = List.of(Decoder.values());
    Map<Decoder, byte[]> fitted = new EnumMap<>(Decoder.class);
    GOOD.forEach((decoder, content) -> fitted.put(decoder, fit(decoder, content)));
    int refused = 0;
    for (int i = 0; i < CASES; i++) {
      Random random = new Random(seed + i);
      Decoder decoder = decoders.get(i % decoders.size());
      byte[] mutated = mutate(decoder, fitted.get(decoder), random);
      try {
        decoder.decode(stream, mutated);
      } catch (LakestreamException e) {
        refused++;
        assertThat(e.getMessage().length()).isLessThan(10_000);
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError(
            "-Dlakestream.seed=" + (seed + i) + " " + decoder + ": " + new String(mutated, UTF_8),
            e);
      }
    }
    assertThat(refused).isBetween(CASES / 3, CASES - CASES / 20);
  }

  private static byte[] mutate(Decoder decoder, byte[] good, Random random) {
    boolean sealed = decoder != Decoder.CURSOR;
    byte[] rest = sealed ? Seals.rest(good) : new byte[0];
    byte[] body = sealed ? Seals.unseal(good).getBytes(UTF_8) : good;
    int kind = random.nextInt(10);
    byte[] mutated;
    if (kind == 0) {
      byte[] flipped = good.clone();
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      return flipped;
    } else if (kind == 1) {
      return Arrays.copyOf(good, random.nextInt(good.length));
    } else if (kind == 2) {
      mutated = body.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
    } else if (kind == 3) {
      mutated = Arrays.copyOf(body, random.nextInt(body.length));
    } else {
      mutated = mutateTree(body, sealed, random);
    }
    return sealed ? Seals.followed(Seals.seal(mutated), rest) : mutated;
  }

  private static byte[] mutateTree(byte[] body, boolean sealed, Random random) {
    String text = new String(body, UTF_8) + (sealed ? "}" : "");
    JsonNode tree = TREES.computeIfAbsent(text, MutationTest::parse).deepCopy();
    for (int n = random.nextInt(3); n >= 0; n--) {
      mutateOne(tree, random);
    }
    String mutated = tree.toString();
    return (sealed ? mutated.substring(0, mutated.length() - 1) : mutated).getBytes(UTF_8);
  }

  private static JsonNode parse(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  /** Changes, removes, moves or doubles one value somewhere in the tree. */
  private static void mutateOne(JsonNode tree, Random random) {
    List<JsonNode> containers = new ArrayList<>();
    collect(tree, containers);
    JsonNode container = containers.get(random.nextInt(containers.size()));
    if (container instanceof ObjectNode object && !object.isEmpty()) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      switch (random.nextInt(6)) {
        case 0 -> object.remove(name);
        case 1 -> object.set("other", object.remove(name));
        case 2 -> object.set(name, containers.get(random.nextInt(containers.size())).deepCopy());
        default -> object.set(name, strange(object.get(name), random));
      }
    } else if (container instanceof ArrayNode array && !array.isEmpty()) {
      int index = random.nextInt(array.size());
      switch (random.nextInt(5)) {
        case 0 -> array.remove(index);
        case 1 -> array.add(array.get(index).deepCopy());
        case 2 -> {
          // Long lists, but the test is not about how long it takes to make them.
          JsonNode element = array.get(index);
          for (int i = 6_000 / (10 + element.toString().length()); i > 0; i--) {
            array.add(element);
          }
        }
        default -> array.set(index, strange(array.get(index), random));
      }
    }
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainerNode()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  private static JsonNode strange(JsonNode before, Random random) {
    long[] numbers = {
      0,
      1,
      -1,
      63,
      64,
      65,
      1024,
      65_536,
      1 << 20,
      Integer.MAX_VALUE,
      1L << 31,
      1L << 43,
      (1L << 53) - 1,
      1L << 53,
      (1L << 53) - 64,
      Long.MAX_VALUE,
      Long.MIN_VALUE
    };
    String[] texts = {
      "",
      "../x",
      "/etc/passwd",
      ".",
      "a/../b",
      "\uD800",
      "\u0000",
      "x".repeat(5000),
      "schema",
      "retire",
      "seal",
      "parquet",
      "data/00/a/1/00000000-0000-4000-8000-000000000000.arrow"
    };
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> LongNode.valueOf(numbers[random.nextInt(numbers.length)]);
      case 3 -> LongNode.valueOf(before.asLong() + random.nextInt(3) - 1);
      case 4 -> TextNode.valueOf(texts[random.nextInt(texts.length)].replace("\uD800", "?"));
      case 5 -> random.nextBoolean() ? NullNode.instance : BooleanNode.TRUE;
      case 6 ->
          random.nextBoolean()
              ? DoubleNode.valueOf(before.asDouble() + 0.5)
              : BigIntegerNode.valueOf(BigInteger.TWO.pow(random.nextInt(2000)));
      default -> random.nextBoolean() ? JsonNodeFactory.instance.objectNode() : nested(random);
    };
  }

  private static JsonNode nested(Random random) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (int depth = random.nextInt(80); depth > 0; depth--) {
      ArrayNode outer = JsonNodeFactory.instance.arrayNode();
      outer.add(array);
      array = outer;
    }
    return array;
  }

  /** A whole stream with one object changed: opened, and every step looked for. */
  @Test
  void streamsWithAMutatedObjectCauseErrorsOfOurOwn() throws Exception {
    long seed = Long.getLong("lakestream.seed", 43);
    History history = History.begin(2);
    RandomHistory writer = new RandomHistory(history, new Random(2));
    for (int i = 0; i < 30; i++) {
      writer.step();
      if (i == 20) {
        history.snapshot(new SnapshotWriter.Shape(3, 8, 4000, 2, 3), Optional.empty());
      }
    }
    List<String> keys = List.copyOf(history.store().contents().keySet());
    for (int i = 0; i < 400; i++) {
      Random random = new Random(seed + i);
      String key = keys.get(random.nextInt(keys.size()));
      InspectedStore store = Backing.memory().copy(history.store());
      store.damage(key, mutate(Decoder.ENTRY, store.contents().get(key), random));
      try {
        LakeStream opened = LakeStream.open(store, history.environment());
        opened.producers();
        long first = opened.state().firstReadable();
        long last = Math.min(opened.state().nextStep(), first + 200);
        for (long step = first; step < last; step++) {
          assertThat(opened.groupOf(step).contains(step)).isTrue();
        }
      } catch (LakestreamException e) {
        assertThat(e.getMessage()).isNotEmpty();
      } catch (RuntimeException e) {
        throw new AssertionError("-Dlakestream.seed=" + (seed + i) + " " + key, e);
      }
    }
  }
}
