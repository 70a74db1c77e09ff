// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.error.UnsupportedFeatureException;
import dev.lakestream.store.FolderStore;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The golden streams in the repository, {@code golden/good} and {@code golden/bad}: the objects of
 * a stream each, and {@code expected.json}, which says what there is to be read or what fails.
 *
 * <p>There are those with data and those without, whose bundles do not exist; each kind has a
 * generator of its own, in the module that can write it.
 */
public final class GoldenFiles {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Whether the bundles of a stream exist. */
  public enum Kind {
    LOG,
    DATA
  }

  private final Kind kind;

  public GoldenFiles(Kind kind) {
    this.kind = kind;
  }

  /** Whether the repository is to get what the generator makes. */
  public static boolean writeAnew() {
    return Boolean.getBoolean("lakestream.golden.write");
  }

  /**
   * The directories of the streams of this kind.
   *
   * @param verdict {@code good} or {@code bad}
   */
  public List<Path> streams(String verdict) throws IOException {
    Path folder = root().resolve(verdict);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> streams = new ArrayList<>();
    try (Stream<Path> found = Files.list(folder)) {
      for (Path stream : found.sorted().toList()) {
        if (expected(stream).path("data").asBoolean() == (kind == Kind.DATA)) {
          streams.add(stream);
        }
      }
    }
    return streams;
  }

  /** What is said of a stream. */
  public static JsonNode expected(Path stream) throws IOException {
    return MAPPER.readTree(Files.readAllBytes(stream.resolve("expected.json")));
  }

  /** The folder of the fork that is to be opened; empty if it is the stream itself. */
  public static String folder(Path stream) throws IOException {
    return expected(stream).path("open").asText("");
  }

  /** The stream, or the fork below it, that is to be read. */
  public static LakeStream opened(Path stream) throws IOException {
    return opened(LocalObjectStore.at(stream.resolve("stream")), folder(stream));
  }

  /** The stream in a store, or that of a fork in a folder of it. */
  public static LakeStream opened(ObjectStore store, String folder) throws IOException {
    ObjectStore home = folder.isEmpty() ? store : FolderStore.of(store, folder);
    return LakeStream.open(home, new VirtualTime(0).environment());
  }

  /** As if it had been read from a file: numbers of one kind. */
  public static JsonNode asRead(JsonNode json) throws IOException {
    return MAPPER.readTree(json.toString());
  }

  /**
   * Adds what a generator made to the files that it wants.
   *
   * @param name with its verdict: {@code good/…} or {@code bad/…}
   */
  public static void add(
      Map<String, byte[]> files, String name, Map<String, byte[]> objects, JsonNode expected)
      throws IOException {
    objects.forEach((key, content) -> files.put(name + "/stream/" + key, content));
    files.put(
        name + "/expected.json",
        (MAPPER.writeValueAsString(expected).replace("\r\n", "\n") + "\n").getBytes(UTF_8));
  }

  /** Replaces all streams of this kind. */
  public void write(Map<String, byte[]> files) throws IOException {
    for (Path stream : all()) {
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

  /** Fails unless the repository holds these files of this kind, byte by byte. */
  public void assertHolds(Map<String, byte[]> files) throws IOException {
    Map<String, byte[]> found = read();
    assertThat(found.keySet()).isEqualTo(files.keySet());
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      assertThat(found.get(file.getKey()))
          .as("%s (write it anew with -Dlakestream.golden.write=true)", file.getKey())
          .isEqualTo(file.getValue());
    }
  }

  /** Fails unless this is the error that {@code expected.json} wants, and names the object. */
  public static void assertFailure(Throwable error, JsonNode expected) {
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

  private Map<String, byte[]> read() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (Path stream : all()) {
      try (Stream<Path> found = Files.walk(stream)) {
        for (Path path : found.filter(Files::isRegularFile).toList()) {
          files.put(
              root().relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
        }
      }
    }
    return files;
  }

  private List<Path> all() throws IOException {
    List<Path> all = new ArrayList<>(streams("good"));
    all.addAll(streams("bad"));
    return all;
  }

  /** The folder of all golden files. */
  public static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("mvnw"))) {
      directory = directory.getParent();
    }
    return directory.resolve("golden");
  }
}
