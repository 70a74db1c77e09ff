// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the protocol needs of every {@link ObjectStore}. A store is tested by a subclass of this
 * class; it may add tests, and leaves out none.
 */
public abstract class ObjectStoreContract {
  private static final int THREADS = 16;
  private static final int LARGE = 3 << 20;

  private ObjectStore store;

  /** An empty store of its own for each test. */
  protected abstract ObjectStore createStore() throws IOException;

  /** How many keys are raced for in each of two rounds. */
  protected int racedKeys() {
    return 200;
  }

  /** After how many bytes an upload takes space in the store, so that it is listed as pending. */
  protected int pendingBytes() {
    return 1000;
  }

  @BeforeEach
  void begin() throws IOException {
    store = createStore();
  }

  @AfterEach
  void end() throws IOException {
    store.close();
  }

  /** The store under test. */
  protected final ObjectStore store() {
    return store;
  }

  @Test
  void putIfAbsentHasOneWinnerWhoeverRaces() throws Exception {
    for (int round = 0; round < 2; round++) {
      race(ObjectKey.of("log/round-" + round));
    }
  }

  private void race(ObjectKey folder) throws Exception {
    CyclicBarrier start = new CyclicBarrier(THREADS);
    List<Callable<List<PutResult>>> racers = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int racer = thread;
      racers.add(
          () -> {
            List<PutResult> results = new ArrayList<>();
            for (int i = 0; i < racedKeys(); i++) {
              start.await(60, TimeUnit.SECONDS);
              results.add(store.putIfAbsent(raced(folder, i), content(racer, i)));
            }
            return results;
          });
    }
    List<List<PutResult>> results = runAll(racers);
    for (int i = 0; i < racedKeys(); i++) {
      int key = i;
      List<Integer> winners = new ArrayList<>();
      for (int racer = 0; racer < THREADS; racer++) {
        if (results.get(racer).get(key) == PutResult.CREATED) {
          winners.add(racer);
        }
      }
      assertThat(winners).as("winners of %s", raced(folder, i)).hasSize(1);
      assertThat(store.get(raced(folder, i), 1024)).isEqualTo(content(winners.get(0), i));
      // A latecomer changes nothing either.
      assertThat(store.putIfAbsent(raced(folder, i), bytes("late"))).isEqualTo(PutResult.EXISTS);
      assertThat(store.get(raced(folder, i), 1024)).isEqualTo(content(winners.get(0), i));
    }
    assertThat(store.list(folder, Optional.empty())).hasSize(racedKeys());
  }

  private static ObjectKey raced(ObjectKey folder, int i) {
    return ObjectKey.of(String.format("%s/%05d.json", folder, i));
  }

  private static byte[] content(int racer, int i) {
    return bytes("racer " + racer + " for " + i + "!".repeat(racer));
  }

  @Test
  void noHalfWrittenObjectIsVisible() throws Exception {
    List<ObjectKey> keys = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      keys.add(ObjectKey.of("data/large-" + i));
    }
    AtomicBoolean done = new AtomicBoolean();
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int reader = 0; reader < 2; reader++) {
      tasks.add(() -> readWhileWritten(keys, done));
    }
    tasks.add(
        () -> {
          try {
            for (int i = 0; i < keys.size(); i++) {
              writeLarge(i % 3, keys.get(i));
            }
          } finally {
            done.set(true);
          }
          return 0;
        });
    runAll(tasks);
    for (ObjectKey key : keys) {
      assertThat(store.head(key).orElseThrow().size()).isEqualTo(LARGE);
    }
  }

  private void writeLarge(int way, ObjectKey key) throws IOException {
    byte[] content = large(key);
    if (way == 0) {
      assertThat(store.putIfAbsent(key, content)).isEqualTo(PutResult.CREATED);
    } else if (way == 1) {
      store.put(key, content);
    } else {
      try (ObjectUpload upload = store.upload(key)) {
        ByteBuffer source = ByteBuffer.wrap(content);
        while (source.hasRemaining()) {
          source.limit(Math.min(content.length, source.position() + (256 << 10)));
          writeFully(upload, source);
          source.limit(content.length);
        }
        upload.finish();
      }
    }
  }

  /** Whoever sees an object at all must see all of it, by whatever operation. */
  private int readWhileWritten(List<ObjectKey> keys, AtomicBoolean done) throws IOException {
    int seen = 0;
    while (!done.get()) {
      for (ObjectKey key : keys) {
        Optional<ObjectInfo> info = store.head(key);
        if (info.isPresent()) {
          assertThat(info.get().size()).isEqualTo(LARGE);
          assertThat(Arrays.equals(store.get(key, LARGE), large(key))).isTrue();
          seen++;
        }
      }
      for (ObjectInfo info : store.list(ObjectKey.of("data"), Optional.empty())) {
        assertThat(info.size()).isEqualTo(LARGE);
      }
    }
    return seen;
  }

  private static byte[] large(ObjectKey key) {
    byte[] content = new byte[LARGE];
    new Random(key.hashCode()).nextBytes(content);
    return content;
  }

  @Test
  void foldersAreThoseRightBelow() throws IOException {
    for (String key : List.of("a/b/one", "a/two", "a-b/three", "c/d/e/four", "five")) {
      store.put(ObjectKey.of(key), bytes(key));
    }
    assertThat(store.folders(Optional.empty())).contains("a", "a-b", "c").doesNotContain("five");
    assertThat(store.folders(Optional.empty())).isSorted().doesNotHaveDuplicates();
    assertThat(store.folders(Optional.of(ObjectKey.of("a")))).containsExactly("b");
    assertThat(store.folders(Optional.of(ObjectKey.of("c/d")))).containsExactly("e");
    assertThat(store.folders(Optional.of(ObjectKey.of("c/d/e")))).isEmpty();
    assertThat(store.folders(Optional.of(ObjectKey.of("none")))).isEmpty();
    assertThat(store.folders(Optional.of(ObjectKey.of("five")))).isEmpty();
  }

  @Test
  void putOverwrites() throws IOException {
    ObjectKey key = ObjectKey.of("hint.json");
    store.put(key, bytes("first, and longer"));
    store.put(key, bytes("second"));
    assertThat(store.get(key, 100)).isEqualTo(bytes("second"));
  }

  @Test
  void keepsEmptyObjects() throws IOException {
    ObjectKey key = ObjectKey.of("progress/empty");
    assertThat(store.putIfAbsent(key, new byte[0])).isEqualTo(PutResult.CREATED);
    assertThat(store.get(key, 0)).isEmpty();
    assertThat(store.head(key).orElseThrow().size()).isZero();
    try (Region region = store.read(key, 0, 0)) {
      assertThat(region.bytes().remaining()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 70})
  void getsSmallObjectsUpToTheFirstThatIsMissing(int present) throws IOException {
    for (int i = 0; i < present; i++) {
      store.putIfAbsent(ObjectKey.of("log/" + i), bytes("content " + i));
    }
    store.putIfAbsent(ObjectKey.of("log/" + (present + 1)), bytes("behind the gap"));
    List<byte[]> found = store.getWhilePresent(numbered("log/", present + 2), 100);
    assertThat(found).hasSize(present);
    for (int i = 0; i < present; i++) {
      assertThat(found.get(i)).isEqualTo(bytes("content " + i));
    }
    assertThat(store.getWhilePresent(numbered("log/", present), 100))
        .as("none is missing")
        .hasSize(present);
  }

  @Test
  void refusesASmallObjectThatIsTooLargeAmongOthers() throws IOException {
    for (int i = 0; i < 5; i++) {
      store.putIfAbsent(ObjectKey.of("log/" + i), new byte[i == 3 ? 101 : 100]);
    }
    assertThatThrownBy(() -> store.getWhilePresent(numbered("log/", 5), 100))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("log/3");
    assertThat(store.getWhilePresent(numbered("log/", 3), 100)).hasSize(3);
  }

  private static Stream<ObjectKey> numbered(String folder, int count) {
    return IntStream.range(0, count).mapToObj(i -> ObjectKey.of(folder + i));
  }

  @Test
  void uploadIsVisibleOnceItIsFinished() throws IOException {
    ObjectKey key = ObjectKey.of("data/3f/tok/1/b.arrow");
    try (ObjectUpload upload = store.upload(key)) {
      assertThat(upload.isOpen()).isTrue();
      writeFully(upload, ByteBuffer.wrap(bytes("one ")));
      long written =
          upload.write(
              new ByteBuffer[] {ByteBuffer.wrap(bytes("two ")), ByteBuffer.wrap(bytes("three"))});
      assertThat(written).isEqualTo(9);
      assertThat(upload.position()).isEqualTo(13);
      assertThat(store.head(key)).isEmpty();
      assertThat(store.list(ObjectKey.of("data"), Optional.empty())).isEmpty();
      upload.finish();
      assertThat(store.get(key, 100)).isEqualTo(bytes("one two three"));
    }
    assertThat(store.get(key, 100)).isEqualTo(bytes("one two three"));
  }

  @Test
  void uploadThatIsClosedLeavesNothing() throws IOException {
    ObjectKey key = ObjectKey.of("data/3f/tok/1/b.arrow");
    try (ObjectUpload upload = store.upload(key)) {
      writeFully(upload, ByteBuffer.wrap(new byte[1 << 20]));
    }
    assertThat(store.head(key)).isEmpty();
    assertThat(store.list(ObjectKey.of("data"), Optional.empty())).isEmpty();
    assertThat(store.putIfAbsent(key, bytes("free"))).isEqualTo(PutResult.CREATED);
  }

  @Test
  void uploadsThatAreNotFinishedAreListed() throws IOException {
    ObjectKey key = ObjectKey.of("data/large");
    try (ObjectUpload upload = store.upload(key)) {
      writeFully(upload, ByteBuffer.wrap(new byte[pendingBytes()]));
      List<PendingUpload> pending = store.pendingUploads();
      assertThat(pending).hasSize(1);
      assertThat(pending.get(0).key().filter(named -> !named.equals(key))).isEmpty();
      assertThat(pending.get(0).bytes()).isBetween(0L, (long) pendingBytes());
      upload.finish();
      assertThat(store.pendingUploads()).isEmpty();
      // Too late: it is an object by now.
      store.abort(pending.get(0));
    }
    assertThat(store.get(key, pendingBytes())).hasSize(pendingBytes());
    store.upload(ObjectKey.of("data/another")).close();
    assertThat(store.pendingUploads()).isEmpty();
  }

  @Test
  void anAbortedUploadNeverAppears() throws IOException {
    ObjectKey key = ObjectKey.of("data/large");
    try (ObjectUpload upload = store.upload(key)) {
      writeFully(upload, ByteBuffer.wrap(new byte[pendingBytes()]));
      PendingUpload pending = store.pendingUploads().get(0);
      store.abort(pending);
      store.abort(pending);
      assertThat(store.pendingUploads()).isEmpty();
      assertThatThrownBy(upload::finish)
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(OutcomeUnknownException.class)
          .hasMessageContaining("aborted");
    }
    assertThat(store.head(key)).isEmpty();
    assertThat(store.list(ObjectKey.of("data"), Optional.empty())).isEmpty();
  }

  @Test
  void uploadNeverReplacesAnObject() throws IOException {
    ObjectKey key = ObjectKey.of("data/3f/tok/1/b.arrow");
    try (ObjectUpload upload = store.upload(key)) {
      writeFully(upload, ByteBuffer.wrap(bytes("mine")));
      store.putIfAbsent(key, bytes("theirs"));
      assertThatThrownBy(upload::finish).isInstanceOf(IOException.class);
    }
    assertThat(store.get(key, 100)).isEqualTo(bytes("theirs"));
  }

  @Test
  void readsRanges() throws IOException {
    ObjectKey key = ObjectKey.of("data/ranges");
    byte[] content = new byte[100_000];
    new Random(1).nextBytes(content);
    store.putIfAbsent(key, content);
    int[][] ranges = {
      {0, 0}, {0, 100_000}, {1, 99_999}, {99_999, 1}, {100_000, 0}, {4_095, 4_098}, {50_000, 0}
    };
    for (int[] range : ranges) {
      try (Region region = store.read(key, range[0], range[1])) {
        ByteBuffer bytes = region.bytes();
        assertThat(bytes.isDirect()).isTrue();
        assertThat(bytes.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.position()).isZero();
        assertThat(bytes.limit()).isEqualTo(range[1]);
        byte[] read = new byte[range[1]];
        bytes.get(read);
        assertThat(read).isEqualTo(Arrays.copyOfRange(content, range[0], range[0] + range[1]));
        region.close(); // idempotent
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0 11", "10 1", "11 0", "5 6", "100 1", "9007199254740991 1", "5 2147483647"})
  void refusesRangesBeyondTheEnd(String range) throws IOException {
    ObjectKey key = ObjectKey.of("data/short");
    store.putIfAbsent(key, new byte[10]);
    int space = range.indexOf(' ');
    assertThatThrownBy(
            () ->
                store
                    .read(
                        key,
                        Long.parseLong(range.substring(0, space)),
                        Integer.parseInt(range.substring(space + 1)))
                    .close())
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("data/short");
  }

  @Test
  void refusesToAllocateMoreThanTheLimit() throws IOException {
    ObjectKey key = ObjectKey.of("log/large");
    store.putIfAbsent(key, new byte[1 << 20]);
    assertThat(store.get(key, 1 << 20)).hasSize(1 << 20);
    assertThatThrownBy(() -> store.get(key, (1 << 20) - 1))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("log/large")
        .hasMessageContaining("1048576");
  }

  @Test
  void saysThatAnObjectIsMissing() throws IOException {
    ObjectKey key = ObjectKey.of("log/absent");
    assertThat(store.head(key)).isEmpty();
    assertThatThrownBy(() -> store.get(key, 10))
        .isInstanceOf(ObjectNotFoundException.class)
        .hasMessageContaining("log/absent");
    assertThatThrownBy(() -> store.read(key, 0, 1))
        .isInstanceOf(ObjectNotFoundException.class)
        .hasMessageContaining("log/absent");
  }

  @Test
  void takesNeitherFoldersNorWhatIsBelowAnObjectForObjects() throws IOException {
    store.putIfAbsent(ObjectKey.of("log/a"), bytes("x"));
    for (String key : List.of("log", "log/a/b", "log/a/b/c")) {
      ObjectKey absent = ObjectKey.of(key);
      assertThat(store.head(absent)).as(key).isEmpty();
      assertThatThrownBy(() -> store.get(absent, 10)).isInstanceOf(ObjectNotFoundException.class);
      assertThatThrownBy(() -> store.read(absent, 0, 0))
          .isInstanceOf(ObjectNotFoundException.class);
      store.delete(absent);
    }
    assertThat(store.get(ObjectKey.of("log/a"), 10)).isEqualTo(bytes("x"));
  }

  @Test
  void headTellsSizeAndTime() throws IOException {
    ObjectKey key = ObjectKey.of("data/x");
    store.putIfAbsent(key, new byte[123]);
    ObjectInfo info = store.head(key).orElseThrow();
    assertThat(info.key()).isEqualTo(key);
    assertThat(info.size()).isEqualTo(123);
    assertThat(info.lastModified()).isNotNull();
  }

  @Test
  void listsSortedAndDeep() throws IOException {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      keys.add("data/" + (i % 7) + "/" + (i % 3) + "/o-" + (i * 37 % 50));
    }
    keys.add("data/top");
    keys.add("data/a=b/x_y.z");
    for (String key : keys) {
      store.putIfAbsent(ObjectKey.of(key), bytes(key));
    }
    store.putIfAbsent(ObjectKey.of("data-not/x"), bytes("a neighbour with the same beginning"));
    store.putIfAbsent(ObjectKey.of("dat/x"), bytes("another"));
    List<ObjectInfo> listed = store.list(ObjectKey.of("data"), Optional.empty());
    assertThat(listed.stream().map(info -> info.key().value()))
        .containsExactlyElementsOf(keys.stream().sorted().toList());
    for (ObjectInfo info : listed) {
      assertThat(info.size()).isEqualTo(info.key().value().length());
    }
    assertThat(store.list(ObjectKey.of("data/3"), Optional.empty()))
        .allMatch(info -> info.key().value().startsWith("data/3/"))
        .isNotEmpty();
  }

  /**
   * By the whole key, whatever folders it is made of: '-' and '.' come before '/', digits after.
   */
  @Test
  void listsWhatComesAfterAKeyInAnyFolder() throws IOException {
    List<String> keys =
        List.of("d/a-/x", "d/a.x", "d/a/b", "d/a/c/d", "d/a0", "d/a0-/x", "d/b-/x", "d/b/x", "d/c");
    for (String key : keys) {
      store.putIfAbsent(ObjectKey.of(key), bytes("x"));
    }
    List<String> starts = new ArrayList<>(keys);
    starts.addAll(List.of("d/a", "d/a-", "d/a.", "d/a/bb", "d/a/c", "d/b", "d/b-", "d/zz"));
    for (String start : starts) {
      assertThat(store.list(ObjectKey.of("d"), Optional.of(ObjectKey.of(start))))
          .as(start)
          .extracting(info -> info.key().value())
          .containsExactlyElementsOf(
              keys.stream().filter(key -> key.compareTo(start) > 0).toList());
    }
  }

  @Test
  void listsWhatComesAfterAKey() throws IOException {
    for (int i = 0; i < 20; i++) {
      store.putIfAbsent(ObjectKey.of(String.format("log/%02d", i)), bytes("x"));
    }
    ObjectKey log = ObjectKey.of("log");
    assertThat(store.list(log, Optional.of(ObjectKey.of("log/16"))))
        .extracting(info -> info.key().name())
        .containsExactly("17", "18", "19");
    assertThat(store.list(log, Optional.of(ObjectKey.of("log/15.5"))))
        .extracting(info -> info.key().name())
        .containsExactly("16", "17", "18", "19");
    assertThat(store.list(log, Optional.of(ObjectKey.of("log/99")))).isEmpty();
    assertThat(store.list(log, Optional.of(ObjectKey.of("a")))).hasSize(20);
    assertThat(store.list(log, Optional.of(ObjectKey.of("z")))).isEmpty();
  }

  @Test
  void anAbsentFolderHasNoObjects() throws IOException {
    assertThat(store.list(ObjectKey.of("pins"), Optional.empty())).isEmpty();
    store.putIfAbsent(ObjectKey.of("pins"), bytes("an object, not a folder"));
    assertThat(store.list(ObjectKey.of("pins"), Optional.empty())).isEmpty();
    assertThat(store.list(ObjectKey.of("pins/below"), Optional.empty())).isEmpty();
  }

  @Test
  void deletesOnceAndForAll() throws IOException {
    ObjectKey key = ObjectKey.of("pins/job/1");
    store.putIfAbsent(key, bytes("x"));
    store.putIfAbsent(ObjectKey.of("pins/job/2"), bytes("y"));
    store.delete(key);
    store.delete(key);
    store.delete(ObjectKey.of("pins/other/never-there"));
    assertThat(store.head(key)).isEmpty();
    assertThat(store.list(ObjectKey.of("pins"), Optional.empty()))
        .extracting(info -> info.key().value())
        .containsExactly("pins/job/2");
    assertThat(store.putIfAbsent(key, bytes("again"))).isEqualTo(PutResult.CREATED);
    assertThat(store.get(key, 10)).isEqualTo(bytes("again"));
  }

  @Test
  void whatItReturnsIsNotShared() throws IOException {
    ObjectKey key = ObjectKey.of("log/x");
    byte[] content = bytes("mine");
    store.putIfAbsent(key, content);
    content[0] = '!';
    store.get(key, 10)[0] = '?';
    assertThat(store.get(key, 10)).isEqualTo(bytes("mine"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a/..",
        "..",
        ".",
        "./a",
        ".tmp/x",
        "a//b",
        "a/",
        "a/.hidden",
        "a\\b",
        "a b",
        "a\u0000b",
        "a\nb",
        "ä",
        "a:b",
        "~",
        "%2e%2e/x",
        "a*"
      })
  void noKeyLeadsOutside(String key) {
    assertThat(ObjectKey.isValid(key)).isFalse();
    assertThatThrownBy(() -> ObjectKey.of(key)).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void keysHaveLimits() {
    String segment = "s".repeat(255);
    assertThat(ObjectKey.isValid(segment)).isTrue();
    assertThat(ObjectKey.isValid(segment + "s")).isFalse();
    assertThat(ObjectKey.isValid("s/".repeat(31) + "s")).isTrue();
    assertThat(ObjectKey.isValid("s/".repeat(32) + "s")).isFalse();
    assertThat(ObjectKey.isValid((segment + "/").repeat(4))).isFalse();
    String longest = (segment + "/").repeat(3) + "s".repeat(256 - 2) + "/s";
    assertThat(longest).hasSize(1024);
    assertThat(ObjectKey.isValid(longest)).isTrue();
    assertThat(ObjectKey.isValid(longest + "s")).isFalse();
  }

  /** Runs all at once and waits for all; the first failure is that of the test. */
  protected static <T> List<T> runAll(List<Callable<T>> tasks) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(tasks, 120, TimeUnit.SECONDS)) {
        results.add(future.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static void writeFully(ObjectUpload upload, ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      upload.write(source);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
