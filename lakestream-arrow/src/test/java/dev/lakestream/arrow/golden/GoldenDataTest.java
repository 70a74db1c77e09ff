// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.SealedJson;
import dev.lakestream.reader.Topology;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.GoldenFiles;
import dev.lakestream.testing.StreamDescription;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The golden streams with data in the repository are those that the generator makes, and every rank
 * reads them as they say. {@code -Dlakestream.golden.write=true} writes them anew.
 */
class GoldenDataTest {
  private static final GoldenFiles FILES = new GoldenFiles(GoldenFiles.Kind.DATA);
  private static final int MAX_BYTES = 800_000;
  private static final int MAX_STREAM_BYTES = 64 << 10;

  @BeforeAll
  static void writeAnewIfAsked() throws IOException, InterruptedException {
    if (GoldenFiles.writeAnew()) {
      FILES.write(generated());
    }
  }

  @Test
  void theRepositoryHoldsWhatTheGeneratorMakes() throws IOException, InterruptedException {
    Map<String, byte[]> generated = generated();
    FILES.assertHolds(generated);
    Map<String, Integer> sizes = new TreeMap<>();
    generated.forEach(
        (name, content) ->
            sizes.merge(Path.of(name).subpath(0, 2).toString(), content.length, Integer::sum));
    assertThat(sizes).allSatisfy((name, bytes) -> assertThat(bytes).isLessThan(MAX_STREAM_BYTES));
    assertThat(sizes.values().stream().mapToInt(Integer::intValue).sum()).isLessThan(MAX_BYTES);
  }

  @TestFactory
  List<DynamicTest> goodStreamsAreReadAsTheySay() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path stream : FILES.streams("good")) {
      tests.add(
          DynamicTest.dynamicTest(stream.getFileName().toString(), () -> assertIsRead(stream)));
    }
    assertThat(tests).hasSizeGreaterThan(5);
    return tests;
  }

  @TestFactory
  List<DynamicTest> badStreamsFailAsTheySay() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path stream : FILES.streams("bad")) {
      tests.add(
          DynamicTest.dynamicTest(stream.getFileName().toString(), () -> assertFails(stream)));
    }
    assertThat(tests).hasSizeGreaterThan(20);
    return tests;
  }

  private static void assertIsRead(Path directory) throws IOException, InterruptedException {
    JsonNode expected = GoldenFiles.expected(directory);
    List<RankRead> reads = new ArrayList<>();
    expected.get("reads").forEach(read -> reads.add(RankRead.of(read)));
    assertThat(reads).isNotEmpty();
    String folder = GoldenFiles.folder(directory);
    assertThat(describe(GoldenFiles.opened(directory), reads, folder)).isEqualTo(expected);
  }

  private static void assertFails(Path directory) throws IOException {
    JsonNode expected = GoldenFiles.expected(directory);
    assertThat(expected.get("when").textValue()).isEqualTo("read");
    LakeStream stream = GoldenFiles.opened(directory);
    GoldenFiles.assertFailure(
        catchThrowable(() -> describe(stream, List.of(new RankRead(Topology.whole())), "")),
        expected);
  }

  /** What the log says, and what these ranks read; their memory must not leak. */
  private static JsonNode describe(LakeStream stream, List<RankRead> reads, String folder)
      throws IOException, InterruptedException {
    ObjectNode json = StreamDescription.of(stream).put("data", true);
    if (!folder.isEmpty()) {
      json.put("open", folder);
    }
    ArrayNode list = json.putArray("reads");
    try (BufferAllocator allocator = new RootAllocator()) {
      for (RankRead read : reads) {
        list.add(read.describe(stream, allocator));
      }
    }
    return GoldenFiles.asRead(json);
  }

  private static Map<String, byte[]> generated() throws IOException, InterruptedException {
    Map<String, byte[]> files = new TreeMap<>();
    try (BufferAllocator allocator = new RootAllocator()) {
      GoldenData golden = new GoldenData(allocator);
      for (var good : golden.good().entrySet()) {
        List<RankRead> reads = good.getValue().reads().stream().map(RankRead::new).toList();
        String folder = good.getValue().folder();
        JsonNode expected =
            describe(GoldenFiles.opened(good.getValue().store(), folder), reads, folder);
        GoldenFiles.add(
            files, "good/" + good.getKey(), good.getValue().store().contents(), expected);
      }
      for (var bad : golden.bad().entrySet()) {
        ObjectNode expected =
            SealedJson.object()
                .put("object", bad.getValue().object().value())
                .put("error", "corrupt")
                .put("when", "read")
                .put("data", true);
        GoldenFiles.add(files, "bad/" + bad.getKey(), bad.getValue().store().contents(), expected);
      }
    }
    return files;
  }
}
