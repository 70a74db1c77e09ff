// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.LocalObjectStore.Durability;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class LocalObjectStoreTest {
  private static final String OUTSIDE = "not for the eyes of a stream";

  @Nested
  class Synced extends ObjectStoreContract {
    @TempDir Path directory;

    @Override
    protected ObjectStore createStore() {
      return LocalObjectStore.at(directory.resolve("not/yet/there"));
    }

    @Override
    protected int racedKeys() {
      return 100; // a sync costs milliseconds
    }
  }

  @Nested
  class SurvivingProcesses extends ObjectStoreContract {
    @TempDir Path directory;

    @Override
    protected ObjectStore createStore() {
      return LocalObjectStore.at(directory, Durability.PROCESS);
    }
  }

  @TempDir Path temporary;

  private Path root() {
    return temporary.resolve("root");
  }

  private LocalObjectStore store() {
    return LocalObjectStore.at(root(), Durability.PROCESS);
  }

  @Test
  void rootIsNoFile() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "x");
    assertThatThrownBy(() -> LocalObjectStore.at(file))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("file");
  }

  @Test
  void aLinkToAFileOutsideIsRefused() throws IOException {
    Path secret = Files.writeString(temporary.resolve("secret"), OUTSIDE);
    Files.createDirectories(root().resolve("log"));
    Files.createSymbolicLink(root().resolve("log/x"), secret);
    ObjectKey key = ObjectKey.of("log/x");
    assertRefused(() -> store().get(key, 1000));
    assertRefused(() -> store().read(key, 0, 1));
    assertRefused(() -> store().head(key));
    assertThat(store().list(ObjectKey.of("log"), Optional.empty())).isEmpty();
    // It is a name that is taken, though: nobody may write through it.
    assertThat(store().putIfAbsent(key, bytes("x"))).isEqualTo(PutResult.EXISTS);
    store().put(key, bytes("mine"));
    assertThat(secret).hasContent(OUTSIDE);
    assertThat(store().get(key, 10)).isEqualTo(bytes("mine"));
  }

  @Test
  void aLinkToAFolderOutsideIsRefused() throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("elsewhere/deeper"));
    Files.writeString(folder.resolve("x"), OUTSIDE);
    Files.createDirectories(root());
    Files.createSymbolicLink(root().resolve("data"), folder.getParent());
    ObjectKey key = ObjectKey.of("data/deeper/x");
    assertRefused(() -> store().get(key, 1000));
    assertRefused(() -> store().read(key, 0, 1));
    assertRefused(() -> store().head(key));
    assertRefused(() -> store().delete(key));
    assertRefused(() -> store().list(ObjectKey.of("data"), Optional.empty()));
    assertRefused(() -> store().list(ObjectKey.of("data/deeper"), Optional.empty()));
    for (String fresh : List.of("data/y", "data/deeper/y", "data/fresh/folder/y")) {
      assertRefused(() -> store().putIfAbsent(ObjectKey.of(fresh), bytes("x")));
      assertRefused(() -> store().put(ObjectKey.of(fresh), bytes("x")));
      assertRefused(() -> store().upload(ObjectKey.of(fresh)).close());
    }
    try (Stream<Path> left = Files.walk(folder.getParent())) {
      assertThat(left).hasSize(3);
    }
    assertThat(folder.resolve("x")).hasContent(OUTSIDE);
  }

  @Test
  void aLinkThatStaysInsideIsFollowed() throws IOException {
    store().putIfAbsent(ObjectKey.of("log/real"), bytes("x"));
    Files.createSymbolicLink(root().resolve("log/link"), Path.of("real"));
    assertThat(store().get(ObjectKey.of("log/link"), 10)).isEqualTo(bytes("x"));
    Files.createSymbolicLink(root().resolve("log/dangling"), Path.of("nowhere"));
    assertThat(store().head(ObjectKey.of("log/dangling"))).isEmpty();
  }

  @Test
  void theRootMayBeALink() throws IOException {
    Path real = Files.createDirectories(temporary.resolve("real"));
    Files.createSymbolicLink(root(), real);
    store().putIfAbsent(ObjectKey.of("log/a"), bytes("x"));
    assertThat(store().get(ObjectKey.of("log/a"), 10)).isEqualTo(bytes("x"));
    assertThat(real.resolve("log/a")).exists();
  }

  @Test
  @Timeout(20)
  void aPipeIsNoObject() throws Exception {
    Files.createDirectories(root().resolve("log"));
    Process mkfifo = new ProcessBuilder("mkfifo", root().resolve("log/pipe").toString()).start();
    assertThat(mkfifo.waitFor()).isZero();
    ObjectKey key = ObjectKey.of("log/pipe");
    assertThatThrownBy(() -> store().get(key, 10)).isInstanceOf(ObjectNotFoundException.class);
    assertThatThrownBy(() -> store().read(key, 0, 0)).isInstanceOf(ObjectNotFoundException.class);
    assertThat(store().head(key)).isEmpty();
    assertThat(store().list(ObjectKey.of("log"), Optional.empty())).isEmpty();
  }

  @Test
  void foreignFilesAreIgnored() throws IOException {
    store().putIfAbsent(ObjectKey.of("log/a"), bytes("x"));
    Files.writeString(root().resolve("log/.DS_Store"), "x");
    Files.writeString(root().resolve("log/with space"), "x");
    Files.writeString(root().resolve("log/ä"), "x");
    Files.createDirectories(root().resolve("log/.git/objects"));
    Files.writeString(root().resolve("log/.git/objects/a"), "x");
    Files.createDirectories(root().resolve("log/empty/folder"));
    assertThat(store().list(ObjectKey.of("log"), Optional.empty()))
        .extracting(info -> info.key().value())
        .containsExactly("log/a");
  }

  @Test
  void whatACrashLeftIsInvisible() throws IOException {
    Files.createDirectories(root().resolve(".tmp"));
    Files.writeString(root().resolve(".tmp/0f8fad5b-d9cb-469f-a165-70867728950e"), "half");
    store().putIfAbsent(ObjectKey.of("log/a"), bytes("whole"));
    assertThat(store().list(ObjectKey.of("log"), Optional.empty())).hasSize(1);
    assertThat(ObjectKey.isValid(".tmp/0f8fad5b-d9cb-469f-a165-70867728950e")).isFalse();
  }

  @Test
  void nothingIsLeftInScratch() throws IOException {
    LocalObjectStore store = store();
    store.putIfAbsent(ObjectKey.of("a"), bytes("x"));
    store.putIfAbsent(ObjectKey.of("a"), bytes("y"));
    store.put(ObjectKey.of("a"), bytes("z"));
    assertThatThrownBy(() -> store.put(ObjectKey.of("a/b"), bytes("z")))
        .isInstanceOf(IOException.class);
    Files.createDirectories(root().resolve("folder/full"));
    assertThatThrownBy(() -> store.put(ObjectKey.of("folder"), bytes("z")))
        .isInstanceOf(IOException.class);
    try (ObjectUpload upload = store.upload(ObjectKey.of("u"))) {
      upload.write(ByteBuffer.wrap(bytes("x")));
      upload.finish();
    }
    try (ObjectUpload upload = store.upload(ObjectKey.of("u"))) {
      upload.write(ByteBuffer.wrap(bytes("x")));
      assertThatThrownBy(upload::finish).isInstanceOf(IOException.class);
    }
    try (Stream<Path> left = Files.list(root().resolve(".tmp"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void whatACrashLeftCanBeAborted() throws IOException {
    Path scratch = Files.createDirectories(root().resolve(".tmp"));
    String name = "0f8fad5b-d9cb-469f-a165-70867728950e";
    Files.writeString(scratch.resolve(name), "half");
    Instant old = Instant.parse("2020-01-01T00:00:00Z");
    Files.setLastModifiedTime(scratch.resolve(name), FileTime.from(old));
    assertThat(store().pendingUploads())
        .containsExactly(new PendingUpload(name, Optional.empty(), 4, old));
    store().abort(store().pendingUploads().get(0));
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void onlyScratchFilesOfOursAreAborted() throws IOException {
    assertThat(store().pendingUploads()).isEmpty();
    Path scratch = Files.createDirectories(root().resolve(".tmp"));
    Path precious = Files.writeString(root().resolve("stream.json"), "precious");
    Files.writeString(scratch.resolve("notes.txt"), "somebody's");
    Files.createDirectories(scratch.resolve("6ba7b810-9dad-11d1-80b4-00c04fd430c8"));
    assertThat(store().pendingUploads()).isEmpty();
    for (String id : List.of("../stream.json", "notes.txt", "", ".", "..", precious.toString())) {
      store().abort(new PendingUpload(id, Optional.empty(), 0, Instant.EPOCH));
    }
    assertThat(precious).exists();
    assertThat(scratch.resolve("notes.txt")).exists();
  }

  @Test
  void aScratchFolderThatIsALinkIsNotEntered() throws IOException {
    Path elsewhere = Files.createDirectories(temporary.resolve("elsewhere"));
    String name = "0f8fad5b-d9cb-469f-a165-70867728950e";
    Files.writeString(elsewhere.resolve(name), "not ours");
    Files.createDirectories(root());
    Files.createSymbolicLink(root().resolve(".tmp"), elsewhere);
    assertThat(store().pendingUploads()).isEmpty();
    store().abort(new PendingUpload(name, Optional.empty(), 0, Instant.EPOCH));
    assertThat(elsewhere.resolve(name)).exists();
  }

  /** Retrying it for minutes would help nobody. */
  @Test
  void aPutThatCannotBeIsNotOfUnknownOutcome() throws IOException {
    LocalObjectStore store = store();
    store.putIfAbsent(ObjectKey.of("a"), bytes("x"));
    assertThatThrownBy(() -> store.putIfAbsent(ObjectKey.of("a/b"), bytes("x")))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void foldersMayVanishUnderIt() throws IOException {
    LocalObjectStore store = store();
    store.putIfAbsent(ObjectKey.of("data/00/a"), bytes("x"));
    store.delete(ObjectKey.of("data/00/a"));
    Files.delete(root().resolve("data/00"));
    Files.delete(root().resolve("data"));
    assertThat(store.putIfAbsent(ObjectKey.of("data/00/a"), bytes("x")))
        .isEqualTo(PutResult.CREATED);
    Files.delete(root().resolve(".tmp"));
    assertThat(store.putIfAbsent(ObjectKey.of("data/01/a"), bytes("x")))
        .isEqualTo(PutResult.CREATED);
  }

  /**
   * Kills a process that does nothing but put, while it puts: every object that it left is whole.
   */
  @Test
  @Timeout(60)
  void aKilledProcessLeavesNoPartialObject() throws Exception {
    for (int round = 0; round < 3; round++) {
      Process writer =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "-Xshare:auto",
                  "-cp",
                  System.getProperty("java.class.path"),
                  PuttingProcess.class.getName(),
                  root().toString(),
                  "round-" + round)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (BufferedReader output =
          new BufferedReader(new InputStreamReader(writer.getInputStream(), UTF_8))) {
        for (int i = 0; i < 5 + 7 * round; i++) {
          assertThat(output.readLine()).isEqualTo("put");
        }
        writer.destroyForcibly(); // SIGKILL
        assertThat(writer.waitFor(20, TimeUnit.SECONDS)).isTrue();
      } finally {
        writer.destroyForcibly();
      }
    }
    List<ObjectInfo> left = store().list(ObjectKey.of("killed"), Optional.empty());
    assertThat(left).hasSizeGreaterThan(5);
    for (ObjectInfo info : left) {
      byte[] content = store().get(info.key(), PuttingProcess.SIZE);
      assertThat(Arrays.equals(content, PuttingProcess.content(info.key())))
          .as("%s is whole", info.key())
          .isTrue();
    }
  }

  private interface Use {
    void run() throws IOException;
  }

  private static void assertRefused(Use use) {
    assertThatThrownBy(use::run)
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("leads out of");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
