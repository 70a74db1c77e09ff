// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.reader.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage of any kind is an error that names the object, and nothing of it is delivered. */
class DamagedBundleTest {
  private static final int SLOTS = 2;

  @TempDir Path directory;
  private StreamFixture fixture;
  private BundleDescriptor bundle;
  private byte[] sound;

  @BeforeEach
  void writeBundle() throws IOException, InterruptedException {
    fixture = StreamFixture.packed(directory, true, SLOTS, 2);
    bundle = fixture.commit(3);
    sound = Files.readAllBytes(fixture.file(bundle));
  }

  @AfterEach
  void nothingLeaks() {
    fixture.close();
  }

  /** Reads everything; the number of steps. */
  private int readAll() throws IOException, InterruptedException {
    int steps = 0;
    try (StepReader reader =
        StepReader.open(
            fixture.stream, Topology.whole(), 0, ReaderOptions.defaults(), fixture.allocator)) {
      while (steps < 3 && reader.next()) {
        steps++;
      }
    }
    return steps;
  }

  private void refused(byte[] content) throws IOException {
    Files.write(fixture.file(bundle), content);
    assertThatThrownBy(this::readAll)
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining(bundle.key().value());
  }

  @Test
  void everyFlippedBitOfARunIsSeen() throws IOException, InterruptedException {
    assertThat(readAll()).isEqualTo(3);
    int first = (int) bundle.runs().start(0);
    int directoryEnd = first + 128; // K = 3: header and entries fill it
    Random random = new Random(5);
    for (int flip = 0; flip < 600; flip++) {
      boolean inDirectory = flip % 3 == 0;
      int at =
          inDirectory
              ? first + random.nextInt(directoryEnd - first)
              : first + random.nextInt((int) bundle.runs().start(2 * SLOTS) - first);
      byte[] damaged = sound.clone();
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      refused(damaged);
    }
  }

  @Test
  void aTruncatedBundleIsRefused() throws IOException {
    int end = (int) bundle.runs().start(2 * SLOTS);
    for (int length : new int[] {0, 10, 64, (int) bundle.runs().start(1), end - 64, end - 1}) {
      refused(Arrays.copyOf(sound, length));
    }
  }

  @Test
  void anotherBundleUnderTheSameNameIsRefused() throws IOException, InterruptedException {
    BundleDescriptor other = fixture.upload(0, 3, 0, SLOTS).descriptor();
    assertThat(other.runs()).isEqualTo(bundle.runs());
    Files.copy(fixture.file(other), fixture.file(bundle), StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(this::readAll)
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining(bundle.key().value())
        .hasMessageContaining("another bundle");
  }

  @Test
  void runsThatChangedPlacesAreRefused() throws IOException {
    byte[] damaged = sound.clone();
    int length = (int) (bundle.runs().start(1) - bundle.runs().start(0));
    int piece = (int) bundle.runs().start(bundle.run(1, 0));
    System.arraycopy(sound, (int) bundle.runs().start(0), damaged, piece, length);
    refused(damaged);
  }

  @Test
  void aBundleThatIsGoneIsRefused() throws IOException {
    Files.delete(fixture.file(bundle));
    assertThatThrownBy(this::readAll)
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining(bundle.key().value())
        .hasMessageContaining("not there");
  }
}
