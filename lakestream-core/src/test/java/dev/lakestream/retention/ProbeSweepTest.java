// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.store.Atomicity;
import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Samples;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a look at the store left behind, and what only looks like it. */
@Timeout(60)
class ProbeSweepTest extends RetentionScenario {
  private static final int KEYS = 200;
  private static final int ALONE = 1;

  /** A store that must be tried, by somebody who may not delete. */
  private static final class Undeletable extends ForwardingObjectStore {
    private Undeletable(ObjectStore store) {
      super(store);
    }

    @Override
    public Atomicity atomicity() {
      return Atomicity.unproven();
    }

    @Override
    public void delete(ObjectKey key) throws IOException {
      throw new IOException("you may not delete " + key);
    }
  }

  /** A stream that was created by somebody who could not clean up. */
  private RetentionFixture createdWithoutDelete() throws IOException {
    RetentionFixture fixture = RetentionFixture.empty(backing());
    LakeStream.create(
        new Undeletable(fixture.memory), Samples.definition(), fixture.time.environment());
    assertThat(fixture.memory.keys("probe")).hasSize(KEYS + ALONE);
    return fixture;
  }

  @Test
  void whatACreatorCouldNotDeleteGoesAfterADay() throws Exception {
    RetentionFixture fixture = createdWithoutDelete();
    fixture.produce(fixture.session("tok"), 3);
    fixture.pass(Duration.ofHours(23));
    VacuumReport early = fixture.vacuum();
    assertThat(early.probes()).isEqualTo(new ProbeReport(0, KEYS + ALONE));
    assertThat(fixture.memory.keys("probe")).hasSize(KEYS + ALONE);
    fixture.pass(Duration.ofHours(1));
    VacuumReport plan = fixture.vacuum(VacuumOptions.defaults().planOnly());
    assertThat(plan.probes()).isEqualTo(new ProbeReport(KEYS + ALONE, 0));
    assertThat(fixture.memory.keys("probe")).hasSize(KEYS + ALONE);
    assertThat(fixture.vacuum().probes()).isEqualTo(new ProbeReport(KEYS + ALONE, 0));
    assertThat(fixture.memory.keys("probe")).isEmpty();
    fixture.assertSound();
  }

  /** Somebody may be racing right now: of two looks only the old one goes. */
  @Test
  void aLookAtWorkIsLeftAlone() throws Exception {
    RetentionFixture fixture = createdWithoutDelete();
    Set<String> old = new TreeSet<>(fixture.memory.keys("probe"));
    fixture.pass(Duration.ofDays(2));
    String young = "probe/0f8fad5b-d9cb-469f-a165-70867728950e/0007";
    fixture.memory.putIfAbsent(ObjectKey.of(young), new byte[7]);
    assertThat(fixture.vacuum().probes()).isEqualTo(new ProbeReport(old.size(), 1));
    assertThat(fixture.memory.keys("probe")).containsExactly(young);
  }

  @Test
  void whatIsNoScratchIsNeverTouched() throws Exception {
    RetentionFixture fixture = create();
    List<String> foreign =
        List.of(
            "probe/README",
            "probe/0f8fad5b-d9cb-469f-a165-70867728950e/notes",
            "probe/0f8fad5b-d9cb-469f-a165-70867728950e/00007",
            "probe/0f8fad5b-d9cb-469f-a165-70867728950e/deep/0007",
            "probe/mine/0007",
            "probes/0f8fad5b-d9cb-469f-a165-70867728950e/0007");
    for (String key : foreign) {
      fixture.memory.putIfAbsent(ObjectKey.of(key), new byte[7]);
    }
    fixture.pass(Duration.ofDays(400));
    assertThat(fixture.vacuum().probes()).isEqualTo(new ProbeReport(0, foreign.size() - 1));
    fixture.assertThere(foreign);
  }
}
