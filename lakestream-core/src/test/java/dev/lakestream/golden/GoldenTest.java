// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.GoldenFiles;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.StreamDescription;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The golden streams in the repository are those that the generator makes, and this implementation
 * reads them as they say. {@code -Dlakestream.golden.write=true} writes them anew.
 *
 * <p>Those with data are made and tested by another module.
 */
class GoldenTest {
  private static final GoldenFiles FILES = new GoldenFiles(GoldenFiles.Kind.LOG);
  private static final int MAX_BYTES = 1_300_000;

  @BeforeAll
  static void writeAnewIfAsked() throws IOException {
    if (GoldenFiles.writeAnew()) {
      FILES.write(generated());
    }
  }

  @Test
  void theRepositoryHoldsWhatTheGeneratorMakes() throws IOException {
    Map<String, byte[]> generated = generated();
    FILES.assertHolds(generated);
    assertThat(generated.values().stream().mapToLong(content -> content.length).sum())
        .isLessThan(MAX_BYTES);
  }

  @TestFactory
  List<DynamicTest> goodStreamsAreReadAsTheySay() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path stream : FILES.streams("good")) {
      tests.add(
          DynamicTest.dynamicTest(
              stream.getFileName().toString(),
              () ->
                  assertThat(describe(GoldenFiles.opened(stream), GoldenFiles.folder(stream)))
                      .isEqualTo(GoldenFiles.expected(stream))));
    }
    assertThat(tests).hasSizeGreaterThan(10);
    return tests;
  }

  @TestFactory
  List<DynamicTest> badStreamsFailAsTheySay() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path stream : FILES.streams("bad")) {
      tests.add(
          DynamicTest.dynamicTest(
              stream.getFileName().toString(),
              () -> assertFails(stream, GoldenFiles.expected(stream))));
    }
    assertThat(tests).hasSizeGreaterThan(20);
    return tests;
  }

  private static void assertFails(Path directory, JsonNode expected) throws IOException {
    Throwable error;
    if (expected.get("when").textValue().equals("open")) {
      error = catchThrowable(() -> GoldenFiles.opened(directory));
    } else {
      LakeStream stream = GoldenFiles.opened(directory);
      error = catchThrowable(() -> describe(stream, ""));
    }
    GoldenFiles.assertFailure(error, expected);
  }

  private static JsonNode describe(LakeStream stream, String folder) throws IOException {
    ObjectNode json = StreamDescription.of(stream);
    if (!folder.isEmpty()) {
      json.put("open", folder);
    }
    return GoldenFiles.asRead(json);
  }

  private static Map<String, byte[]> generated() throws IOException {
    GoldenStreams golden = new GoldenStreams();
    Map<String, byte[]> files = new TreeMap<>();
    for (var good : golden.good().entrySet()) {
      InspectedStore store = good.getValue().store();
      String folder = good.getValue().folder();
      JsonNode expected = describe(GoldenFiles.opened(store, folder), folder);
      GoldenFiles.add(files, "good/" + good.getKey(), store.contents(), expected);
    }
    for (var bad : golden.bad().entrySet()) {
      GoldenFiles.add(
          files,
          "bad/" + bad.getKey(),
          bad.getValue().store().contents(),
          bad.getValue().failure().json());
    }
    return files;
  }
}
