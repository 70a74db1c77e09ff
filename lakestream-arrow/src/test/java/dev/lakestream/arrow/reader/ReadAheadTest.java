// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.log.Action;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.reader.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is fetched ahead is what would have been fetched, in the same order, and no more. */
@Timeout(60)
class ReadAheadTest {
  private static final int BUNDLES = 12;
  private static final int STEPS = 2;

  /** What vectors of cells without rows allocate by themselves; much less than a share. */
  private static final long OF_VECTORS = 1024;

  private static final Topology TOPOLOGY = Topology.of(1, 2);
  private static final ReaderOptions ON_DEMAND =
      ReaderOptions.defaults().withDeadline(Duration.ZERO);

  @TempDir Path directory;
  private StreamFixture fixture;
  private final List<BundleDescriptor> bundles = new ArrayList<>();

  @BeforeEach
  void commitSteps() throws IOException, InterruptedException {
    fixture = StreamFixture.packed(directory, false, 4, 1);
    for (int i = 0; i < BUNDLES; i++) {
      bundles.add(fixture.commit(STEPS));
    }
  }

  /** The allocator refuses to close while anything of it is in use. */
  @AfterEach
  void nothingLeaks() {
    fixture.close();
  }

  private StepReader open(ReaderOptions options) throws IOException {
    return StepReader.open(fixture.stream, TOPOLOGY, 0, options, fixture.allocator);
  }

  /** What the rank gets of each bundle; slots have more rows and fewer. */
  private LongStream shares() {
    return bundles.stream().mapToLong(bundle -> bundle.runs().start(4) - bundle.runs().start(2));
  }

  private long largestShare() {
    return shares().max().orElseThrow();
  }

  private static String digest(StepReader reader) throws IOException {
    StringBuilder digest = new StringBuilder(reader.cursor().toJson());
    for (SlotBatch batch : reader.batches()) {
      digest.append(batch.slot()).append(batch.root().contentToTSVString());
    }
    return digest.toString();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 100})
  void theSameStepsInTheSameOrderWithinTheBudget(long shares)
      throws IOException, InterruptedException {
    long budget = shares == 1 ? 1 : shares * largestShare();
    long most = Math.max(budget, largestShare());
    try (StepReader expected = open(ON_DEMAND);
        StepReader ahead = open(ON_DEMAND.withPrefetchBytes(budget))) {
      for (int step = 0; step < BUNDLES * STEPS; step++) {
        assertThat(expected.next()).isTrue();
        assertThat(ahead.next()).isTrue();
        assertThat(digest(ahead)).isEqualTo(digest(expected));
        assertThat(fixture.allocator.getAllocatedMemory())
            .isLessThanOrEqualTo(most + largestShare() + OF_VECTORS);
      }
      assertThatThrownBy(ahead::next)
          .isInstanceOf(StepUnavailableException.class)
          .hasMessageContaining("step " + BUNDLES * STEPS);
    }
  }

  @Test
  void oneRequestForABundle() throws IOException, InterruptedException {
    fixture.store.reset();
    try (StepReader reader = open(ON_DEMAND.withPrefetchBytes(1))) {
      for (int step = 0; step < BUNDLES * STEPS; step++) {
        reader.next();
      }
    }
    assertThat(fixture.store.ranges()).isEqualTo(BUNDLES);
    assertThat(fixture.store.bytes()).isEqualTo(shares().sum());
  }

  @Test
  void anErrorComesWithItsStepAndGoesWithItsCause() throws IOException, InterruptedException {
    Path broken = fixture.file(bundles.get(3));
    Path aside = broken.resolveSibling("aside");
    Files.move(broken, aside);
    try (StepReader reader = open(ON_DEMAND.withPrefetchBytes(1 << 20))) {
      for (int step = 0; step < 3 * STEPS; step++) {
        assertThat(reader.next()).isTrue();
      }
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(reader::next)
            .isInstanceOf(CorruptObjectException.class)
            .hasMessageContaining(bundles.get(3).key().value());
      }
      Files.move(aside, broken);
      for (int step = 3 * STEPS; step < BUNDLES * STEPS; step++) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.step()).isEqualTo(step);
      }
    }
  }

  @Test
  void closingInTheMiddleLeavesNothing() throws IOException, InterruptedException {
    for (int steps = 0; steps < 4; steps++) {
      try (StepReader reader = open(ON_DEMAND.withPrefetchBytes(1 << 20))) {
        for (int step = 0; step < steps; step++) {
          reader.next();
        }
      }
      assertThat(fixture.allocator.getAllocatedMemory()).isZero();
    }
  }

  /** Also while the reader waits for steps that will never come. */
  @Test
  void stepsThatComeLaterAndTheEndOfTheStream() throws IOException, InterruptedException {
    ReaderOptions patient = ReaderOptions.defaults().withPrefetchBytes(1 << 20);
    try (StepReader reader = open(patient);
        StepReader waiting = open(patient)) {
      waiting.next();
      for (int step = 0; step < BUNDLES * STEPS; step++) {
        assertThat(reader.next()).isTrue();
      }
      fixture.commit(STEPS);
      assertThat(reader.next()).isTrue();
      assertThat(reader.next()).isTrue();
      new StreamControl(fixture.stream).commit(new Action.Seal());
      assertThat(reader.next()).isFalse();
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void skippedStepsAreNotFetched() throws IOException, InterruptedException {
    long rules =
        new StreamControl(fixture.stream)
            .commit(new Action.Skip(2, 2L * BUNDLES - 2, "loss spike"));
    fixture.store.reset();
    try (StepReader reader = open(ON_DEMAND.withRules(rules).withPrefetchBytes(1 << 20))) {
      List<Long> steps = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        reader.next();
        steps.add(reader.step());
      }
      assertThat(steps).containsExactly(0L, 1L, 2L * BUNDLES - 2, 2L * BUNDLES - 1);
    }
    assertThat(fixture.store.ranges()).isEqualTo(2);
  }
}
