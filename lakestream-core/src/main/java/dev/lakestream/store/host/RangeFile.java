// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.host;

import dev.lakestream.store.MappedRegion;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The file of a range: its bytes, and a footer of 64 that vouches for them. The footer is, in
 * little-endian, {@code LSRANGE1}, the length of the range (8), its name (32), the CRC32C of the
 * range (4), zeros (8), and the CRC32C of the footer up to here (4).
 */
final class RangeFile {
  static final int FOOTER_BYTES = 64;

  private static final byte[] MAGIC = "LSRANGE1".getBytes(StandardCharsets.US_ASCII);

  private RangeFile() {}

  /**
   * The range in a file, mapped; empty if there is no such file. A file that is not what it should
   * be is removed: it was torn, or somebody meddled with it.
   */
  static Optional<Region> openVerified(Path file, RangeName name, int length, Instant now) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      Optional<Region> found = verified(channel, name, length);
      if (found.isPresent()) {
        touch(file, now);
      } else {
        Files.deleteIfExists(file);
      }
      return found;
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** It may have been removed meanwhile; what is mapped is good all the same. */
  private static void touch(Path file, Instant now) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(now));
    } catch (IOException e) {
      // It will go a little earlier.
    }
  }

  private static Optional<Region> verified(FileChannel channel, RangeName name, int length)
      throws IOException {
    if (channel.size() != (long) length + FOOTER_BYTES) {
      return Optional.empty();
    }
    ByteBuffer footer = ByteBuffer.allocate(FOOTER_BYTES);
    while (footer.hasRemaining() && channel.read(footer, length + (long) footer.position()) > 0) {
      // Goes on.
    }
    Region region = MappedRegion.map(channel, 0, length);
    if (footer.flip().equals(footer(name, region.bytes().duplicate()))) {
      return Optional.of(region);
    }
    region.close();
    return Optional.empty();
  }

  /** Writes a range and its footer; the range, mapped. */
  static Region fill(FileChannel channel, RangeName name, ByteBuffer data) throws IOException {
    writeAll(channel, data.duplicate());
    writeAll(channel, footer(name, data.duplicate()));
    return MappedRegion.map(channel, 0, data.remaining());
  }

  private static void writeAll(FileChannel channel, ByteBuffer data) throws IOException {
    while (data.hasRemaining()) {
      channel.write(data);
    }
  }

  private static ByteBuffer footer(RangeName name, ByteBuffer data) {
    ByteBuffer footer = ByteBuffer.allocate(FOOTER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    footer.put(MAGIC).putLong(data.remaining()).put(name.bytes()).putInt(crc32c(data)).putLong(0);
    return footer.putInt(crc32c(footer.duplicate().flip())).flip();
  }

  private static int crc32c(ByteBuffer data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    return (int) crc.getValue();
  }
}
