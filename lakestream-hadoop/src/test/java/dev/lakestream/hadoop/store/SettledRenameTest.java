// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.hadoop.testing.HdfsExtension;
import dev.lakestream.store.Atomicity;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PutResult;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of a put whose rename nobody answered. */
class SettledRenameTest {
  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();

  private static final ObjectKey KEY = ObjectKey.of("log/00000000000000000001.json");

  private HadoopRoot root;
  private Renaming hdfs;

  @BeforeEach
  void connect() {
    root =
        HadoopFileSystems.connect(
            URI.create(HDFS.hdfs().freshRoot()), HadoopSettings.of(Map.of(), Map.of()));
    hdfs = Renaming.of((DistributedFileSystem) root.files());
  }

  @AfterEach
  void disconnect() throws IOException {
    root.files().close();
  }

  /** A rename that goes wrong in some way. */
  @FunctionalInterface
  private interface Wrong {
    boolean rename(Path from, Path to) throws IOException;
  }

  private RenamePlacement placement(Wrong wrong) {
    Renaming renaming =
        new Renaming() {
          @Override
          public boolean ifAbsent(Path from, Path to) throws IOException {
            return wrong.rename(from, to);
          }

          @Override
          public void replacing(Path from, Path to) throws IOException {
            hdfs.replacing(from, to);
          }
        };
    return placement(renaming);
  }

  private RenamePlacement placement(Renaming renaming) {
    return new RenamePlacement(
        root, new HadoopErrors(root.uri()), renaming, Atomicity.certain(), UUID::randomUUID);
  }

  @Test
  void anAnswerThatIsLostAfterTheFactIsASuccess() throws IOException {
    RenamePlacement placement =
        placement(
            (from, to) -> {
              renameForCertain(from, to);
              throw new EOFException("the connection broke");
            });
    assertThat(placement.putIfAbsent(KEY, bytes("ours"))).isEqualTo(PutResult.CREATED);
    assertThat(content()).isEqualTo("ours");
    assertThat(placement.pendingUploads()).isEmpty();
  }

  @Test
  void whatWasNeverCarriedOutNeverWillBe() throws IOException {
    List<Path> late = new ArrayList<>();
    RenamePlacement placement =
        placement(
            (from, to) -> {
              late.add(from);
              throw new EOFException("the connection broke");
            });
    assertThatThrownBy(() -> placement.putIfAbsent(KEY, bytes("ours")))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("the connection broke");
    assertThat(placement.pendingUploads()).isEmpty();
    // The request arrives after all.
    assertThatThrownBy(() -> hdfs.ifAbsent(late.get(0), root.path(KEY)))
        .isInstanceOf(FileNotFoundException.class);
    assertThat(root.file(root.path(KEY))).isEmpty();
  }

  @Test
  void whatIsSomebodyElsesIsNotTakenForOurs() throws IOException {
    RenamePlacement placement =
        placement(
            (from, to) -> {
              placement(hdfs).putIfAbsent(KEY, bytes("theirs"));
              root.files().delete(from, false);
              throw new EOFException("the connection broke");
            });
    assertThat(placement.putIfAbsent(KEY, bytes("ours"))).isEqualTo(PutResult.EXISTS);
    assertThat(content()).isEqualTo("theirs");
  }

  @Test
  void whoCanNotReachTheFileSystemAnyMoreDoesNotKnow() {
    RenamePlacement placement =
        placement(
            (from, to) -> {
              renameForCertain(from, to);
              root.files().close();
              throw new EOFException("the connection broke");
            });
    assertThatThrownBy(() -> placement.putIfAbsent(KEY, bytes("ours")))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining(KEY.value());
  }

  @Test
  void anInterruptedPutIsSettledAndTheInterruptKept() throws IOException {
    RenamePlacement acted =
        placement(
            (from, to) -> {
              renameForCertain(from, to);
              Thread.currentThread().interrupt();
              throw new InterruptedIOException("Call interrupted");
            });
    assertThat(acted.putIfAbsent(KEY, bytes("ours"))).isEqualTo(PutResult.CREATED);
    assertThat(Thread.interrupted()).isTrue();
    RenamePlacement notYet =
        placement(
            (from, to) -> {
              Thread.currentThread().interrupt();
              throw new InterruptedIOException("Call interrupted");
            });
    ObjectKey other = ObjectKey.of("log/00000000000000000002.json");
    assertThatThrownBy(() -> notYet.putIfAbsent(other, bytes("ours")))
        .isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(root.file(root.path(other))).isEmpty();
    assertThat(notYet.pendingUploads()).isEmpty();
  }

  /** As a speculative task is, which must not leave half of a bundle behind. */
  @Test
  void anInterruptedUploadLeavesNothing() throws IOException {
    RenamePlacement placement = placement(hdfs);
    try (ObjectUpload upload = placement.upload(ObjectKey.of("data/large"))) {
      upload.write(ByteBuffer.wrap(new byte[100_000]));
      Thread.currentThread().interrupt();
    }
    assertThat(Thread.interrupted()).isTrue();
    assertThat(placement.pendingUploads()).isEmpty();
  }

  /** The way of file systems whose rename has no options, here on one where it is atomic. */
  @Test
  void aPlainRenameReplacesOnlyWhenItIsToldTo() throws IOException {
    RenamePlacement placement = placement(Renaming.plain(root.files()));
    assertThat(placement.putIfAbsent(KEY, bytes("first"))).isEqualTo(PutResult.CREATED);
    assertThat(placement.putIfAbsent(KEY, bytes("second"))).isEqualTo(PutResult.EXISTS);
    assertThat(content()).isEqualTo("first");
    placement.put(KEY, bytes("third"));
    assertThat(content()).isEqualTo("third");
    root.files().mkdirs(root.path(ObjectKey.of("data/folder")));
    assertThatThrownBy(() -> placement.putIfAbsent(ObjectKey.of("data/folder"), bytes("x")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is a directory");
    assertThat(placement.pendingUploads()).isEmpty();
  }

  private void renameForCertain(Path from, Path to) throws IOException {
    root.files().mkdirs(to.getParent());
    assertThat(hdfs.ifAbsent(from, to)).isTrue();
  }

  private String content() throws IOException {
    try (FileSystem files = FileSystem.newInstance(root.uri(), root.files().getConf());
        FSDataInputStream in = files.open(root.path(KEY))) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
