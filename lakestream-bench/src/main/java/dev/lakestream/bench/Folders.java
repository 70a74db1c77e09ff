// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** Folders that benchmarks write to. */
public final class Folders {
  private Folders() {}

  /** Bytes of all files. */
  public static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }

  /**
   * Writes a file of so many bytes and deletes it, so that whoever writes as much next finds the
   * operating system's memory in the same state: in a virtual machine, memory that nobody had for a
   * while is several times as slow when it is first used.
   */
  public static void warmPageCache(Path folder, long bytes) throws IOException {
    Path file = Files.createTempFile(folder, "warm", ".bytes");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer block = ByteBuffer.allocateDirect(1 << 20);
      for (long written = 0; written < bytes; written += block.capacity()) {
        channel.write(block.clear());
      }
    } finally {
      Files.delete(file);
    }
  }

  /** Deletes a folder and all that is in it. */
  public static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
