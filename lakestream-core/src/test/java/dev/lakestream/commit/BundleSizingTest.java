// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** K follows from the interval, within memory. */
class BundleSizingTest {
  private static final long MS = 1_000_000;

  @Test
  void asManyAsAreFinishedInOneInterval() {
    assertThat(BundleSizing.steps(90 * MS, 250 * MS, 1 << 20, 64 << 20, 65_536)).isEqualTo(1);
    assertThat(BundleSizing.steps(5_000 * MS, 250 * MS, 1 << 20, 64 << 20, 65_536)).isEqualTo(20);
  }

  @Test
  void butNoMoreThanFitIntoMemoryOrTheFormat() {
    assertThat(BundleSizing.steps(90_000 * MS, 250 * MS, 1 << 20, 64 << 20, 65_536)).isEqualTo(64);
    assertThat(BundleSizing.steps(90_000 * MS, 250 * MS, 1 << 30, 64 << 20, 65_536)).isEqualTo(1);
    assertThat(BundleSizing.steps(Long.MAX_VALUE, 1, 1, Long.MAX_VALUE, 65_536)).isEqualTo(65_536);
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> BundleSizing.steps(1, 0, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> BundleSizing.steps(1, 1, 0, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
