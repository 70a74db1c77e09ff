// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A file of JSON objects, one a line, that survives the death of the process that writes it: a line
 * is there whole or counts as never written.
 */
final class Journal implements Closeable {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int LONGEST_LINE = 1 << 16;

  private final FileChannel file;

  private Journal(FileChannel file) {
    this.file = file;
  }

  /** Opens a journal to go on writing; cuts off what a killed process had begun. */
  static Journal append(Path path) throws IOException {
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    ByteBuffer end = ByteBuffer.allocate((int) Math.min(file.size(), LONGEST_LINE));
    long begin = file.size() - end.capacity();
    while (end.hasRemaining() && file.read(end, begin + end.position()) >= 0) {
      // a read may be short
    }
    int whole = end.position();
    while (whole > 0 && end.get(whole - 1) != '\n') {
      whole--;
    }
    file.truncate(begin + whole);
    file.position(begin + whole);
    return new Journal(file);
  }

  void write(JsonNode line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /** Reads the whole lines of a journal, also while it is written; an absent one has none. */
  static void read(Path path, Consumer<JsonNode> reader) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path))) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (next == '\n') {
          reader.accept(MAPPER.readTree(line.toByteArray()));
          line.reset();
        } else {
          line.write(next);
        }
      }
    }
  }

  /** The last whole line. */
  static Optional<JsonNode> last(Path path) throws IOException {
    List<JsonNode> last = new ArrayList<>(1);
    read(
        path,
        line -> {
          last.clear();
          last.add(line);
        });
    return last.stream().findFirst();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
