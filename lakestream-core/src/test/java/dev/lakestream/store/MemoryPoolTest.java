// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class MemoryPoolTest {
  private final MemoryPool pool = new MemoryPool(10_000);

  /** Memory that is used again still holds what was there. */
  private boolean isUsedAgain(int first, int second) throws IOException {
    try (OffHeapMemory memory = pool.take(first)) {
      memory.bytes().put(0, (byte) 42);
    }
    try (OffHeapMemory memory = pool.take(second)) {
      return memory.bytes().get(0) == 42;
    }
  }

  @Test
  void usesMemoryAgainThatFits() throws IOException {
    assertThat(isUsedAgain(4000, 4000)).isTrue();
    assertThat(isUsedAgain(4000, 3000)).isTrue();
  }

  @Test
  void neverGivesLessThanWasAskedFor() throws IOException {
    assertThat(isUsedAgain(3000, 4000)).isFalse();
    try (OffHeapMemory memory = pool.take(9000)) {
      assertThat(memory.bytes().capacity()).isEqualTo(9000);
    }
  }

  @Test
  void wastesNoMoreThanHalf() throws IOException {
    assertThat(isUsedAgain(8000, 1000)).isFalse();
  }

  @Test
  void keepsNoMoreThanItMay() throws IOException {
    assertThat(isUsedAgain(20_000, 20_000)).isFalse();
  }

  @Test
  void givesNothingToTwo() throws IOException {
    pool.take(1000).close();
    try (OffHeapMemory one = pool.take(1000);
        OffHeapMemory other = pool.take(1000)) {
      one.bytes().put(0, (byte) 1);
      other.bytes().put(0, (byte) 2);
      assertThat(one.bytes().get(0)).isEqualTo((byte) 1);
    }
  }

  @Test
  void closingTwiceGivesBackOnce() throws IOException {
    OffHeapMemory memory = pool.take(1000);
    memory.close();
    memory.close();
    givesNothingToTwo();
  }

  @Test
  void whatIsClosedAfterThePoolIsFreed() throws IOException {
    OffHeapMemory memory = pool.take(1000);
    pool.close();
    memory.close();
    assertThat(isUsedAgain(1000, 1000)).isFalse();
  }
}
