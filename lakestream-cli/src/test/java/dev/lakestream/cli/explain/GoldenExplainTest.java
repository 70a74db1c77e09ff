// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.cli.CommandRun;
import dev.lakestream.testing.GoldenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What is told of steps of the golden streams: {@code golden/explained}, which Python's tables are
 * compared with, too. {@code -Dlakestream.golden.write=true} writes it anew.
 */
class GoldenExplainTest {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final Path FOLDER = GoldenFiles.root().resolve("explained");

  private static final Map<String, List<String>> CASES = cases();

  private static Map<String, List<String>> cases() {
    Map<String, List<String>> cases = new LinkedHashMap<>();
    cases.put("whole-step", List.of("explain", "data-tokens", "--step=1"));
    cases.put("rank-of-two", List.of("explain", "data-tokens", "--step=1", "--rank=1", "--dp=2"));
    cases.put("empty-step", List.of("explain", "data-tokens", "--step=2"));
    cases.put("cell-groups", List.of("explain", "data-cell-groups", "--step=3"));
    cases.put(
        "cell-groups-zigzag",
        List.of(
            "explain",
            "data-cell-groups",
            "--step=3",
            "--rank=1",
            "--dp=2",
            "--cp-rank=1",
            "--cp=2",
            "--split=zigzag",
            "--rows=20"));
    cases.put(
        "piece-of-four",
        List.of(
            "explain", "data-pieces-undeclared", "--step=1", "--cp-rank=1", "--cp=4", "--rows=1"));
    cases.put("of-both-formats", List.of("explain", "data-parquet", "--step=4", "--rows=4"));
    cases.put("repeated", List.of("explain", "data-repeat", "--step=4"));
    cases.put("first-readable", List.of("explain", "data-trimmed", "--step=2"));
    cases.put("of-the-outermost", List.of("explain", "data-fork/forks/x/forks/y", "--step=1"));
    cases.put("of-the-fork", List.of("explain", "data-fork/forks/x/forks/y", "--step=3"));
    cases.put("diff-of-ranges", List.of("diff", "data-tokens", "0..2", "1..4"));
    cases.put("diff-of-an-epoch", List.of("diff", "data-repeat", "0..3", "3..6"));
    cases.put(
        "diff-of-a-fork", List.of("diff", "data-fork", "0..", "data-fork/forks/x/forks/y", "0.."));
    return cases;
  }

  /** The same command with the paths of the streams. */
  private static String[] commandLine(List<String> words) {
    List<String> line = new ArrayList<>();
    for (String word : words) {
      line.add(word.startsWith("data-") ? uri(word) : word);
    }
    line.add("--json");
    return line.toArray(String[]::new);
  }

  private static String uri(String stream) {
    int slash = stream.indexOf('/');
    String name = slash < 0 ? stream : stream.substring(0, slash);
    String below = slash < 0 ? "" : stream.substring(slash);
    return GoldenFiles.root().resolve("good").resolve(name).resolve("stream") + below;
  }

  /** What the command said, but for where the stream is on this machine. */
  private static JsonNode said(List<String> words) throws IOException {
    JsonNode json = CommandRun.of(commandLine(words)).json();
    for (JsonNode part : json) {
      if (part instanceof ObjectNode object) {
        object.remove("uri");
      }
    }
    ObjectNode golden = MAPPER.createObjectNode();
    words.forEach(golden.putArray("command")::add);
    return golden.set("said", json);
  }

  @BeforeAll
  static void writeAnewIfAsked() throws IOException {
    if (GoldenFiles.writeAnew()) {
      Files.createDirectories(FOLDER);
      for (Map.Entry<String, List<String>> golden : CASES.entrySet()) {
        String text = MAPPER.writeValueAsString(said(golden.getValue())).replace("\r\n", "\n");
        Files.write(file(golden.getKey()), (text + "\n").getBytes(UTF_8));
      }
    }
  }

  private static Path file(String name) {
    return FOLDER.resolve(name + ".json");
  }

  @Test
  void thereIsAFileForEachCase() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertThat(files)
          .containsExactlyInAnyOrderElementsOf(
              CASES.keySet().stream().map(GoldenExplainTest::file).toList());
    }
  }

  @TestFactory
  List<DynamicTest> theSameIsSaid() {
    List<DynamicTest> tests = new ArrayList<>();
    CASES.forEach(
        (name, words) ->
            tests.add(
                DynamicTest.dynamicTest(
                    name,
                    () ->
                        assertThat(said(words))
                            .isEqualTo(MAPPER.readTree(Files.readAllBytes(file(name)))))));
    return tests;
  }
}
