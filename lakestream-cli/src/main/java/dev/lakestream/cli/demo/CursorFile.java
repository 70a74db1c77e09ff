// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import dev.lakestream.reader.Cursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The cursor that a rank begins with, as a checkpoint of another topology left it. */
record CursorFile(Path path) {
  static CursorFile beside(Path log) {
    return new CursorFile(log.resolveSibling(log.getFileName() + ".cursor"));
  }

  void write(String cursor) throws IOException {
    Files.writeString(path, cursor);
  }

  Optional<Cursor> read() throws IOException {
    return Files.exists(path)
        ? Optional.of(Cursor.fromJson(Files.readString(path)))
        : Optional.empty();
  }
}
