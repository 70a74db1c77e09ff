// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.log.StepRecord;
import dev.lakestream.spark.Places;
import dev.lakestream.spark.StoppingStores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tasks, executors and drivers that die while they write. Whatever happens, each row is there once
 * after a run that ended well, and a vacuum finds all that nobody needs.
 */
@ParameterizedClass
@EnumSource(
    value = Places.Kind.class,
    names = {"LOCAL", "S3"})
class ProcessesTest {
  @RegisterExtension static final Places PLACES = new Places();

  @TempDir private static Path shared;
  private static DriverProcess spark;

  @Parameter private Places.Kind kind;
  @TempDir private Path folder;

  @BeforeAll
  static void start() throws IOException {
    spark = DriverProcess.start(shared, 2);
  }

  @AfterAll
  static void stop() throws Exception {
    spark.close();
  }

  @Test
  void aTaskThatFailsIsDoneAgain() throws Exception {
    Site site = site();
    spark.run(site.job(Trouble.FAILURE));
    assertThat(Trouble.FAILURE.mark(folder)).exists();
    site.assertEachRowOnce();
    site.vacuum();
    assertThat(site.unnamed()).isEmpty();
    site.assertEachRowOnce();
  }

  @ParameterizedTest
  @ValueSource(strings = {"arrow", "parquet"})
  void anExecutorThatIsKilledLeavesGarbageAndNothingElse(String format) throws Exception {
    Site site = site();
    spark.run(site.job(Trouble.KILLED_EXECUTOR).with("bundleFormat", format));
    assertThat(Trouble.KILLED_EXECUTOR.mark(folder)).exists();
    site.assertEachRowOnce();
    assertThat(site.unnamed())
        .as("what the killed attempt has uploaded")
        .isNotEmpty()
        .allMatch(key -> key.endsWith("." + format));
    site.vacuum();
    assertThat(site.unnamed()).isEmpty();
    site.assertEachRowOnce();
  }

  /** All tasks have ended; the entry is not put. */
  @Test
  void aDriverThatIsKilledBeforeItCommitsHasWrittenNothing() throws Exception {
    Site site = site();
    killWhileItCommits(site, "before");
    assertThat(site.steps()).isEmpty();
    assertThat(site.unnamed()).isNotEmpty();
    spark.run(site.job(Trouble.NONE));
    site.assertEachRowOnce();
    assertThat(site.unnamed()).isNotEmpty();
    site.vacuum();
    assertThat(site.unnamed()).as("the second run has fenced the first").isEmpty();
    site.assertEachRowOnce();
  }

  /** The entry is put, and nobody has heard of it. */
  @Test
  void aDriverThatIsKilledAfterItCommittedIsNotRepeated() throws Exception {
    Site site = site();
    killWhileItCommits(site, "after");
    List<StepRecord> before = site.steps();
    site.assertEachRowOnce();
    spark.run(site.job(Trouble.NONE));
    assertThat(site.steps()).isEqualTo(before);
    assertThat(site.unnamed()).as("rows of the last step in another form").isNotEmpty();
    site.vacuum();
    assertThat(site.unnamed()).isEmpty();
    site.assertEachRowOnce();
  }

  /** The first put to the log opens the job's session. */
  private void killWhileItCommits(Site site, String when) throws Exception {
    try (DriverProcess doomed = DriverProcess.start(folder, 1)) {
      doomed.submit(site.stopping(when + " log/ 2"));
      doomed.await(StoppingStores.STOPPED);
      doomed.kill();
    }
  }

  private Site site() {
    return new Site(PLACES.fresh(kind, folder), folder);
  }
}
