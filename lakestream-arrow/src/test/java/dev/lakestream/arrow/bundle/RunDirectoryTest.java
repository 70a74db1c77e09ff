// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.RunLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class RunDirectoryTest {
  private static final UUID BUNDLE = UUID.fromString("3f0a1b2c-4d5e-4f60-8a9b-0c1d2e3f4a5b");
  private static final int CELLS = 3;
  private static final long RUN_LENGTH = 128 + 64 + 128 + 64;

  private static BundleDescriptor bundle(UUID uuid) {
    return new BundleDescriptor(
        StreamKeys.bundle("tests", 1, uuid),
        10_000,
        BundleFormat.ARROW,
        0,
        CELLS,
        2,
        2,
        new RunLayout.Strided(64, RUN_LENGTH, 4));
  }

  /** A sound directory of piece 1, slot 0 after some change, with a checksum that fits. */
  private static ByteBuffer directory(Consumer<ByteBuffer> change) {
    ByteBuffer bytes = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0x4452534C).putInt(CELLS).putInt(1).putInt(0);
    bytes.putLong(Long.reverseBytes(BUNDLE.getMostSignificantBits())).putInt(0).putInt(0);
    for (long length : new long[] {64, 128, 64}) {
      bytes.putLong(length).putLong(7).putLong(11).putInt(42).putInt(0);
    }
    change.accept(bytes);
    bytes.putInt(28, 0);
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, 128);
    bytes.putInt(28, (int) crc.getValue());
    return bytes.rewind();
  }

  private static RunDirectory decode(ByteBuffer bytes) {
    return RunDirectory.decode(bytes, bundle(BUNDLE), 1, 0, RUN_LENGTH);
  }

  @Test
  void tellsWhereCellsAreAndWhatTheyHold() {
    RunDirectory directory = decode(directory(bytes -> {}));
    assertThat(directory.cells()).isEqualTo(3);
    assertThat(directory.start(0)).isEqualTo(128);
    assertThat(directory.start(2)).isEqualTo(128 + 64 + 128);
    assertThat(directory.cellLength(1)).isEqualTo(128);
    assertThat(directory.rows(2)).isEqualTo(7);
    assertThat(directory.tokens(2)).isEqualTo(11);
    assertThat(directory.crc32c(0)).isEqualTo(42);
    assertThat(directory.entry(1)).hasSize(32).startsWith(128, 0);
  }

  @Test
  void refusesWhatIsNotAsItMustBeAlthoughTheChecksumFits() {
    refuses(bytes -> bytes.putInt(0, 0x4452534D), "LSRD");
    refuses(bytes -> bytes.putInt(4, 4), "cells 4, not 3");
    refuses(bytes -> bytes.putInt(4, -1), "cells 4294967295");
    refuses(bytes -> bytes.putInt(8, 0), "piece 0, not 1");
    refuses(bytes -> bytes.putInt(12, 9), "slot 9, not 0");
    refuses(bytes -> bytes.put(16, (byte) 1), "another bundle");
    refuses(bytes -> bytes.putLong(32, 0), "cell 0 has 0 bytes");
    refuses(bytes -> bytes.putLong(32, 65), "cell 0 has 65 bytes");
    refuses(bytes -> bytes.putLong(32, -64), "cell 0 has 18446744073709551552 bytes");
    refuses(bytes -> bytes.putLong(64, Long.MAX_VALUE & -64), "cell 1 has");
    refuses(bytes -> bytes.putLong(96, 128), "cell 2 has 128 bytes");
    refuses(bytes -> bytes.putLong(64, 64), "leave a part");
    refuses(bytes -> bytes.putLong(40, -1), "cell 0 has too many rows");
    refuses(bytes -> bytes.putLong(40, 1L << 31), "cell 0 has too many rows");
    refuses(bytes -> bytes.putLong(48, 1L << 53), "cell 0 has too many rows or tokens");
  }

  private static void refuses(Consumer<ByteBuffer> change, String message) {
    assertThatThrownBy(() -> decode(directory(change)))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining(bundle(BUNDLE).key().value())
        .hasMessageContaining("piece 1, slot 0")
        .hasMessageContaining(message);
  }

  @Test
  void everyFlippedBitIsSeen() {
    for (int bit = 0; bit < 128 * 8; bit++) {
      ByteBuffer bytes = directory(unchanged -> {});
      bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ (1 << (bit % 8))));
      assertThatThrownBy(() -> decode(bytes)).isInstanceOf(CorruptObjectException.class);
    }
  }

  @Test
  void aDirectoryThatIsCutOffIsRefused() {
    ByteBuffer bytes = directory(unchanged -> {});
    assertThatThrownBy(() -> decode(bytes.limit(64))).isInstanceOf(CorruptObjectException.class);
    assertThatThrownBy(() -> RunDirectory.decode(bytes, bundle(BUNDLE), 1, 0, 64))
        .isInstanceOf(CorruptObjectException.class);
  }

  @Test
  void theDirectoryOfAnotherBundleIsRefused() {
    ByteBuffer bytes = directory(unchanged -> {});
    assertThatThrownBy(
            () -> RunDirectory.decode(bytes, bundle(UUID.randomUUID()), 1, 0, RUN_LENGTH))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("another bundle");
  }

  @FuzzTest
  void onlyErrorsThatNameTheObjectComeOut(byte[] bytes) {
    try {
      ByteBuffer run = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      RunDirectory.decode(run, bundle(BUNDLE), 1, 0, bytes.length);
    } catch (LakestreamException e) {
      assertThat(e).hasMessageContaining(bundle(BUNDLE).key().value());
    }
  }
}
