// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.spark.Places;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two attempts of one task at the same time, of which Spark takes the second. {@code AttemptsTest}
 * has what Spark's timing can't be made to show.
 */
class SpeculationTest {
  @RegisterExtension static final Places PLACES = new Places();

  @TempDir private Path folder;

  @Test
  void eachRowIsThereOnceWhenASlowAttemptIsOvertaken() throws Exception {
    List<Site> sites = new ArrayList<>();
    for (Places.Kind kind : List.of(Places.Kind.LOCAL, Places.Kind.S3)) {
      Path marks = Files.createDirectories(folder.resolve(kind.name()));
      sites.add(new Site(PLACES.fresh(kind, marks), marks));
    }
    try (DriverProcess spark = DriverProcess.startSpeculating(folder)) {
      for (Site site : sites) {
        String said = spark.run(site.job(Trouble.SLOW));
        assertThat(Trouble.SLOW.mark(site.marks())).exists();
        assertThat(said).isEqualTo(WritingDriver.DONE + 1);
        site.assertEachRowOnce();
      }
    }
    // The processes have ended, so that what was killed uploads no more.
    for (Site site : sites) {
      site.vacuum();
      assertThat(site.unnamed()).isEmpty();
      site.assertEachRowOnce();
    }
  }
}
