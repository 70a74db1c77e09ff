// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.log.StepRecord;
import dev.lakestream.retention.Vacuum;
import dev.lakestream.retention.VacuumOptions;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A driver that dies before it commits. After a run that ended well each row is there once, and a
 * vacuum finds all that nobody needs.
 */
class ProcessesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir private Path folder;

  /** All tasks have ended; the entry is not put. */
  @Test
  void aDriverThatIsKilledBeforeItCommitsHasWrittenNothing() throws Exception {
    Site site = new Site();
    site.killWhileCommitting();
    assertThat(site.steps()).isEmpty();
    assertThat(site.unnamed()).isNotEmpty();
    site.run(spark("local[2]"));
    site.assertEachRowOnce();
    site.vacuum();
    assertThat(site.unnamed()).as("the second run has fenced the first").isEmpty();
  }

  private SparkProcess spark(String master) {
    return new SparkProcess(folder, master);
  }

  /** A stream, and jobs that write to it. */
  private final class Site {
    private final String root = folder.resolve("stream").toUri().toString();
    private final Map<String, String> options = Map.of();

    void run(SparkProcess spark) throws Exception {
      Process driver = spark.start(root, named(Map.of()));
      try {
        boolean ended = driver.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        String said = Files.readString(folder.resolve("output"));
        assertThat(ended).as(said).isTrue();
        assertThat(driver.exitValue()).as(said).isZero();
      } finally {
        driver.destroyForcibly();
      }
    }

    void killWhileCommitting() throws Exception {
      Path committing = folder.resolve("committing");
      Map<String, String> stalling =
          Map.of(
              StallingStoreProvider.FILE,
              committing.toString(),
              StallingStoreProvider.AFTERWARDS,
              "false");
      Process driver =
          spark("local[2]").start(StallingStoreProvider.PREFIX + root, named(stalling));
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (Files.notExists(committing) && driver.isAlive() && System.nanoTime() < end) {
        LockSupport.parkNanos(10_000_000);
      }
      assertThat(committing).as(Files.readString(folder.resolve("output"))).exists();
      driver.destroyForcibly().waitFor(); // SIGKILL
    }

    /** All runs are of one job. */
    private Map<String, String> named(Map<String, String> more) {
      Map<String, String> all = new TreeMap<>(options);
      all.putAll(more);
      all.put("jobId", "proof");
      all.put("jobVersion", "1");
      return all;
    }

    void assertEachRowOnce() throws IOException {
      List<Long> ids =
          session()
              .read()
              .format("lakestream")
              .options(options)
              .load(root)
              .orderBy("id")
              .collectAsList()
              .stream()
              .map(row -> row.getLong(0))
              .toList();
      assertThat(ids)
          .containsExactlyElementsOf(LongStream.range(0, ProofJob.ROWS).boxed().toList());
      assertThat(steps().stream().mapToLong(StepRecord::rows).sum()).isEqualTo(ProofJob.ROWS);
    }

    List<StepRecord> steps() throws IOException {
      try (ObjectStore store = ObjectStores.open(root, options)) {
        LakeStream stream = LakeStream.open(store);
        stream.refresh();
        return LongStream.range(0, stream.state().nextStep())
            .mapToObj(step -> group(stream, step).step(step))
            .toList();
      }
    }

    /** Objects below {@code data/} that no step needs. */
    Set<String> unnamed() throws IOException {
      try (ObjectStore store = ObjectStores.open(root, options)) {
        LakeStream stream = LakeStream.open(store);
        stream.refresh();
        Set<String> keys =
            store.list(ObjectKey.of("data"), Optional.empty()).stream()
                .map(ObjectInfo::key)
                .map(ObjectKey::value)
                .collect(Collectors.toCollection(HashSet::new));
        for (long step = 0; step < stream.state().nextStep(); step++) {
          group(stream, step)
              .sources(step)
              .forEach(cell -> keys.remove(cell.bundle().key().value()));
        }
        return keys;
      }
    }

    void vacuum() throws IOException, InterruptedException {
      try (ObjectStore store = ObjectStores.open(root, options)) {
        new Vacuum(LakeStream.open(store), VacuumOptions.defaults()).run();
      }
    }

    private static CommittedGroup group(LakeStream stream, long step) {
      try {
        return stream.groupOf(step);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static SparkSession session() {
    return SparkSession.builder()
        .master("local[2,3]")
        .appName("lakestream")
        .config("spark.ui.enabled", false)
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.artifact.isolation.enabled", false)
        .getOrCreate();
  }
}
