// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.golden;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.error.UnsupportedFeatureException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StepRecord;
import dev.lakestream.log.StreamState;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The golden streams in the repository are those that the generator makes, and this implementation
 * reads them as they say. {@code -Dlakestream.golden.write=true} writes them anew.
 *
 * <p>{@code golden/good} may hold streams with data too, which another module makes and tests.
 */
class GoldenTest {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final int MAX_BYTES = 500_000;

  @BeforeAll
  static void writeAnewIfAsked() throws IOException {
    if (Boolean.getBoolean("lakestream.golden.write")) {
      write(generated());
    }
  }

  @Test
  void theRepositoryHoldsWhatTheGeneratorMakes() throws IOException {
    Map<String, byte[]> generated = generated();
    Map<String, byte[]> found = read();
    assertThat(found.keySet()).isEqualTo(generated.keySet());
    for (Map.Entry<String, byte[]> file : generated.entrySet()) {
      assertThat(found.get(file.getKey()))
          .as("%s (write it anew with -Dlakestream.golden.write=true)", file.getKey())
          .isEqualTo(file.getValue());
    }
    assertThat(generated.values().stream().mapToLong(content -> content.length).sum())
        .isLessThan(MAX_BYTES);
  }

  @TestFactory
  List<DynamicTest> goodStreamsAreReadAsTheySay() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path stream : streams("good")) {
      tests.add(
          DynamicTest.dynamicTest(
              stream.getFileName().toString(),
              () -> assertThat(describe(open(stream))).isEqualTo(expected(stream))));
    }
    assertThat(tests).hasSizeGreaterThan(10);
    return tests;
  }

  @TestFactory
  List<DynamicTest> badStreamsFailAsTheySay() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path stream : streams("bad")) {
      tests.add(
          DynamicTest.dynamicTest(
              stream.getFileName().toString(), () -> assertFails(stream, expected(stream))));
    }
    assertThat(tests).hasSizeGreaterThan(20);
    return tests;
  }

  private static void assertFails(Path directory, JsonNode expected) throws IOException {
    Throwable error;
    if (expected.get("when").textValue().equals("open")) {
      error = catchThrowable(() -> open(directory));
    } else {
      LakeStream stream = open(directory);
      error = catchThrowable(() -> describe(stream));
    }
    assertThat(error)
        .isInstanceOf(
            switch (expected.get("error").textValue()) {
              case "corrupt" -> CorruptObjectException.class;
              case "unsupported" -> UnsupportedFeatureException.class;
              case "not_found" -> StreamNotFoundException.class;
              default -> throw new IllegalStateException("unknown error");
            });
    if (!expected.get("object").isNull()) {
      assertThat(error).hasMessageContaining(expected.get("object").textValue());
    }
    if (error instanceof CorruptObjectException corrupt) {
      assertThat(corrupt.object()).isEqualTo(expected.get("object").textValue());
    }
  }

  private static LakeStream open(Path directory) throws IOException {
    return LakeStream.open(
        LocalObjectStore.at(directory.resolve("stream")), new VirtualTime(0).environment());
  }

  private static JsonNode expected(Path directory) throws IOException {
    return MAPPER.readTree(Files.readAllBytes(directory.resolve("expected.json")));
  }

  /** What there is to say of a good stream, as {@code expected.json} says it. */
  private static JsonNode describe(LakeStream stream) throws IOException {
    StreamState state = stream.state();
    ObjectNode json = SealedJson.object();
    json.put("data", false)
        .put("version", state.version())
        .put("digest", state.digest().hex())
        .put("time", state.time())
        .put("next_step", state.totals().steps())
        .put("rows", state.totals().rows())
        .put("tokens", state.totals().tokens())
        .put("first_readable", state.firstReadable())
        .put("sealed", state.sealed())
        .put("schemas", state.schemas().size());
    json.putObject("defaults")
        .put("slots", state.defaults().slots())
        .put("pieces", state.defaults().pieces());
    ArrayNode skips = json.putArray("skips");
    state
        .skips()
        .forEach(
            skip ->
                skips
                    .addObject()
                    .put("version", skip.version())
                    .put("from", skip.from())
                    .put("to", skip.to())
                    .put("reason", skip.reason()));
    json.putNull("intent");
    state
        .intent()
        .ifPresent(
            intent ->
                json.putObject("intent").put("version", intent.version()).put("to", intent.to()));
    ArrayNode producers = json.putArray("producers");
    stream.producers().forEach(producer -> describe(producer, producers.addObject()));
    ArrayNode voids = json.putArray("void");
    stream.voidEntries().forEach(verdict -> voids.add(verdict.entry().version()));
    ArrayNode steps = json.putArray("steps");
    for (long step = state.firstReadable(); step < state.nextStep(); step++) {
      CommittedGroup group = stream.groupOf(step);
      StepRecord record = group.step(step);
      steps
          .addObject()
          .put("step", step)
          .put("version", group.version())
          .put("producer", group.producer().id())
          .put("rows", record.rows())
          .put("tokens", record.tokens())
          .put("digest", record.digest().hex())
          .put("slots", group.slots())
          .put("pieces", group.pieces());
    }
    // As if it had been read from a file: numbers of one kind.
    return MAPPER.readTree(json.toString());
  }

  private static void describe(ProducerState producer, ObjectNode json) {
    json.put("id", producer.id())
        .put("epoch", producer.epoch())
        .put("sequence", producer.sequence())
        .put("state", producer.state());
    ArrayNode attachments = json.putArray("attachments");
    producer.attachments().forEach(attachment -> attachments.add(attachment.name()));
    json.put("retired", producer.retired());
  }

  private static Map<String, byte[]> generated() throws IOException {
    GoldenStreams golden = new GoldenStreams();
    Map<String, byte[]> files = new TreeMap<>();
    for (var good : golden.good().entrySet()) {
      LakeStream stream = LakeStream.open(good.getValue(), new VirtualTime(0).environment());
      add(files, "good/" + good.getKey(), good.getValue().contents(), describe(stream));
    }
    for (var bad : golden.bad().entrySet()) {
      add(
          files,
          "bad/" + bad.getKey(),
          bad.getValue().store().contents(),
          bad.getValue().failure().json());
    }
    return files;
  }

  private static void add(
      Map<String, byte[]> files, String name, Map<String, byte[]> objects, JsonNode expected)
      throws IOException {
    objects.forEach((key, content) -> files.put(name + "/stream/" + key, content));
    files.put(
        name + "/expected.json",
        (MAPPER.writeValueAsString(expected).replace("\r\n", "\n") + "\n").getBytes(UTF_8));
  }

  private static void write(Map<String, byte[]> files) throws IOException {
    for (Path stream : allStreams()) {
      try (Stream<Path> old = Files.walk(stream)) {
        for (Path path : old.sorted(Collections.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = root().resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  private static Map<String, byte[]> read() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (Path stream : allStreams()) {
      try (Stream<Path> found = Files.walk(stream)) {
        for (Path path : found.filter(Files::isRegularFile).toList()) {
          files.put(
              root().relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
        }
      }
    }
    return files;
  }

  private static List<Path> allStreams() throws IOException {
    List<Path> all = new ArrayList<>(streams("good"));
    all.addAll(streams("bad"));
    return all;
  }

  /** The streams without data: those with data have another generator. */
  private static List<Path> streams(String kind) throws IOException {
    Path folder = root().resolve(kind);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> streams = new ArrayList<>();
    try (Stream<Path> found = Files.list(folder)) {
      for (Path stream : found.sorted().toList()) {
        if (!expected(stream).path("data").asBoolean()) {
          streams.add(stream);
        }
      }
    }
    return streams;
  }

  private static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("mvnw"))) {
      directory = directory.getParent();
    }
    return directory.resolve("golden");
  }
}
