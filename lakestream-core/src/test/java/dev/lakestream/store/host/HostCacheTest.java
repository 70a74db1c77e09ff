// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import dev.lakestream.testing.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The cache of a host as one process sees it; processes are tested with Python's readers. */
class HostCacheTest {
  private static final UUID STREAM = UUID.fromString("9d7b0a51-0a56-4c2a-9f0e-3c0f7f2f5a11");
  private static final UUID OTHER = UUID.fromString("1c8f2f9e-5b43-4f5e-8f43-0f4c1f6f7a22");
  private static final ObjectKey KEY = ObjectKey.of("data/00/p/1/bundle.arrow");
  private static final int SIZE = 10_000;
  private static final long LIMIT = 10L * (SIZE + RangeFile.FOOTER_BYTES);

  private final Path directory;
  private final byte[] content = new byte[30 * SIZE];
  private final AtomicInteger reads = new AtomicInteger();
  private ObjectStore store = new MemoryStore();
  private final HostCache cache;

  HostCacheTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.cache = HostCache.at(folder(), LIMIT);
  }

  @BeforeEach
  void fill() throws IOException {
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i % 251);
    }
    store.putIfAbsent(KEY, content);
    store =
        new ForwardingObjectStore(store) {
          @Override
          public Region read(ObjectKey key, long offset, int length) throws IOException {
            reads.incrementAndGet();
            return delegate().read(key, offset, length);
          }
        };
  }

  @AfterEach
  void close() throws IOException {
    cache.close();
  }

  private Path folder() {
    return directory.resolve("cache");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      return files.filter(file -> !file.endsWith("locks")).sorted().toList();
    }
  }

  /** Reads a range and compares it; how often the store was asked. */
  private int read(UUID stream, long offset, int length) throws IOException {
    int before = reads.get();
    try (Region region = cache.over(store, stream).read(KEY, offset, length)) {
      assertThat(region.bytes()).isEqualTo(ByteBuffer.wrap(content, (int) offset, length).slice());
    }
    return reads.get() - before;
  }

  @Test
  void fetchesOnce() throws IOException {
    assertThat(read(STREAM, 0, SIZE)).isEqualTo(1);
    assertThat(read(STREAM, 0, SIZE)).isZero();
    assertThat(read(OTHER, 0, SIZE)).as("another stream's").isEqualTo(1);
    assertThat(read(STREAM, 64, SIZE)).as("another range").isEqualTo(1);
    assertThat(read(STREAM, 0, SIZE)).isZero();
    assertThat(read(STREAM, 0, 0)).as("nothing").isEqualTo(1);
    assertThat(files()).hasSize(3);
  }

  @Test
  void itsFilesAreThoseOfPython() throws IOException {
    System.arraycopy("abcd".getBytes(US_ASCII), 0, content, 0, 4);
    ObjectStore small = new MemoryStore();
    byte[] object = new byte[200];
    System.arraycopy(content, 0, object, 128, 4);
    small.putIfAbsent(KEY, object);
    cache.over(small, STREAM).read(KEY, 128, 4).close();
    String name = "9c45709ce402027ef2e3f6e0565725dc53539ba835ea167de2679eb7f8e291b7";
    assertThat(files()).containsExactly(folder().toRealPath().resolve(name));
    String magic = HexFormat.of().formatHex("abcdLSRANGE1".getBytes(US_ASCII));
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(folder().resolve(name))))
        .isEqualTo(magic + "0400000000000000" + name + "310ac892" + "0000000000000000c5b23322");
  }

  enum Damage {
    FLIPPED,
    SHORT,
    LONG,
    EMPTY,
    FOOTER
  }

  @ParameterizedTest
  @EnumSource
  void fetchesAgainWhatIsDamaged(Damage damage) throws IOException {
    read(STREAM, 0, SIZE);
    Path file = files().get(0);
    byte[] bytes = Files.readAllBytes(file);
    byte[] damaged =
        switch (damage) {
          case SHORT -> Arrays.copyOf(bytes, SIZE / 2);
          case LONG -> Arrays.copyOf(bytes, bytes.length + 1);
          case EMPTY -> new byte[0];
          case FLIPPED -> flipped(bytes, SIZE / 3);
          case FOOTER -> flipped(bytes, bytes.length - 1);
        };
    Files.delete(file);
    Files.write(file, damaged);
    assertThat(read(STREAM, 0, SIZE)).isEqualTo(1);
    assertThat(read(STREAM, 0, SIZE)).isZero();
  }

  private static byte[] flipped(byte[] bytes, int at) {
    byte[] copy = bytes.clone();
    copy[at] ^= 1;
    return copy;
  }

  @Test
  void staysWithinItsLimit() throws IOException {
    for (int i = 0; i < 20; i++) {
      read(STREAM, i * 64L, SIZE);
      long total = 0;
      for (Path file : files()) {
        total += Files.size(file);
      }
      assertThat(total).isLessThanOrEqualTo(LIMIT);
    }
    assertThat(files()).hasSize(10);
    read(STREAM, 0, 12 * SIZE);
    assertThat(files()).as("what is larger passes by").hasSize(10);
  }

  @Test
  void whatWasOpenedLongestAgoGoesFirst() throws IOException {
    for (int i = 0; i < 10; i++) {
      read(STREAM, i * 64L, SIZE);
      Path file = folder().resolve(RangeName.of(STREAM, KEY, i * 64L, SIZE).hex());
      Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(100 - i)));
    }
    assertThat(read(STREAM, 0, SIZE)).isZero();
    read(STREAM, 640, SIZE);
    assertThat(read(STREAM, 0, SIZE)).as("it was opened last").isZero();
    assertThat(read(STREAM, 64, SIZE)).isEqualTo(1);
  }

  @Test
  void removesWhatIsIdleAndWhatACrashLeft() throws IOException {
    read(STREAM, 0, SIZE);
    Path idle = files().get(0);
    Files.setLastModifiedTime(idle, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
    Path dead =
        Files.write(
            folder().resolve("." + "ab".repeat(32) + "." + UUID.randomUUID()), new byte[100]);
    read(STREAM, 64, SIZE);
    assertThat(files()).hasSize(1).doesNotContain(idle, dead);
  }

  @Test
  void threadsFetchOnce() throws Exception {
    int threads = 6;
    CyclicBarrier begin = new CyclicBarrier(threads);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Integer>> running = new ArrayList<>();
      Callable<Integer> reading =
          () -> {
            begin.await();
            return read(STREAM, 0, SIZE);
          };
      for (int i = 0; i < threads; i++) {
        running.add(executor.submit(reading));
      }
      for (Future<Integer> one : running) {
        one.get();
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(reads).hasValue(1);
  }

  @Test
  void whoeverLeavesLastEmptiesTheFolder() throws IOException {
    read(STREAM, 0, SIZE);
    cache.close();
    assertThat(files()).isEmpty();
    assertThat(read(STREAM, 0, SIZE)).as("it goes on without").isEqualTo(1);
    assertThat(files()).isEmpty();
  }

  @Test
  void aFolderThatVanishesCostsOnlyTheCache() throws IOException {
    Files.delete(folder().resolve("locks"));
    Files.delete(folder());
    assertThat(read(STREAM, 0, SIZE)).isEqualTo(1);
    assertThat(read(STREAM, 0, SIZE)).isEqualTo(1);
    Files.createDirectory(folder());
  }

  @Test
  void refusesAFolderThatOthersMayWriteTo() throws IOException {
    Path open = Files.createDirectory(directory.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> HostCache.at(open, LIMIT))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("nobody else");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())))
        .isEqualTo("rwx------");
    read(STREAM, 0, SIZE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files().get(0))))
        .isEqualTo("rw-------");
  }
}
