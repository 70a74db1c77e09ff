// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was staged and never became a step goes after a day, whole. */
class StagingSweepTest extends RetentionScenario {
  private static final Duration DAY = Duration.ofDays(1);

  private RetentionFixture fixture;

  @BeforeEach
  void begin() throws IOException {
    fixture = create();
  }

  @Test
  void stagesThatStoodStillForADayGo() throws Exception {
    stage("staging/old/slot-0000.arrow", 10);
    stage("staging/old/deep/er/slot-0001.arrow", 20);
    stage("staging/slow/slot-0000.arrow", 30);
    fixture.pass(DAY.minusHours(1));
    stage("staging/slow/slot-0001.arrow", 40);
    fixture.pass(Duration.ofHours(1));

    StagingReport report = fixture.vacuum().staging();

    assertThat(report).isEqualTo(new StagingReport(List.of("old"), 2, 30, 1));
    assertThat(staged())
        .containsExactly("staging/slow/slot-0000.arrow", "staging/slow/slot-0001.arrow");
  }

  @Test
  void aDryRunOnlySaysSo() throws Exception {
    stage("staging/old/slot-0000.arrow", 10);
    fixture.pass(DAY);

    StagingReport plan =
        new Vacuum(fixture.open(), VacuumOptions.defaults().planOnly()).run().staging();

    assertThat(plan).isEqualTo(new StagingReport(List.of("old"), 1, 10, 0));
    assertThat(staged()).hasSize(1);
  }

  @Test
  void whatIsNoStageIsNeverTouched() throws Exception {
    stage("staging/_hidden/slot-0000.arrow", 10);
    stage("staging/file", 10);
    fixture.pass(DAY);

    assertThat(fixture.vacuum().staging()).isEqualTo(new StagingReport(List.of(), 0, 0, 0));
    assertThat(staged()).hasSize(2);
  }

  private void stage(String key, int bytes) throws IOException {
    fixture.memory.put(ObjectKey.of(key), new byte[bytes]);
  }

  private List<String> staged() throws IOException {
    return fixture.memory.list(StreamKeys.STAGING, Optional.empty()).stream()
        .map(ObjectInfo::key)
        .map(ObjectKey::value)
        .toList();
  }
}
