// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.arrow.bundle.CellLengths;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.log.BundleDescriptor;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a footer says of lengths is right, or refused. */
class CellLengthsTest {
  @TempDir Path directory;

  @Test
  void noFlippedBitAndNoMissingByteChangesALength() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 3, 1)) {
      BundleDescriptor bundle = disk.commit(4).descriptor();
      byte[] file = Files.readAllBytes(directory.resolve(bundle.key().value()));
      byte[] tail = Arrays.copyOfRange(file, (int) CellLengths.tailStart(bundle), file.length);
      List<Long> lengths = lengths(tail, bundle);
      assertThat(lengths).hasSize(12);
      int refused = 0;
      for (int bit = 0; bit < 8 * tail.length; bit++) {
        byte[] flipped = tail.clone();
        flipped[bit / 8] ^= (byte) (1 << (bit % 8));
        try {
          assertThat(lengths(flipped, bundle)).as("bit %d", bit).isEqualTo(lengths);
        } catch (CorruptObjectException e) {
          assertThat(e.object()).isEqualTo(bundle.key().value());
          refused++;
        }
      }
      assertThat(refused).isGreaterThan(12 * 24);
      for (int length = 0; length < tail.length; length++) {
        byte[] part = Arrays.copyOf(tail, length);
        assertThatThrownBy(() -> lengths(part, bundle)).isInstanceOf(CorruptObjectException.class);
      }
    }
  }

  private static List<Long> lengths(byte[] tail, BundleDescriptor bundle) {
    CellLengths lengths = CellLengths.decode(ByteBuffer.wrap(tail), bundle);
    List<Long> all = new ArrayList<>();
    for (int run = 0; run < bundle.slots(); run++) {
      for (int step = 0; step < bundle.steps(); step++) {
        all.add(lengths.length(run, step));
      }
    }
    return all;
  }
}
