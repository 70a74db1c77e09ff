// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.bench.TokenStream;
import dev.lakestream.retention.Heartbeats;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The retention of a stream of 15 steps in 5 bundles, from the command line. */
class RetentionCommandsTest {
  @TempDir private Path folder;
  private Path stream;

  @BeforeEach
  void writeStream() throws Exception {
    stream = folder.resolve("stream");
    try (ObjectStore store = LocalObjectStore.at(stream, LocalObjectStore.Durability.PROCESS)) {
      new TokenStream(16, 2, 4, 3, 5).write(store);
    }
  }

  @Test
  void pinsComeAndGo() throws Exception {
    assertThat(run("pins").exit()).isZero();
    CommandRun pinned = run("pin", "--job=run", "--checkpoint=a", "--from=6", "--json");
    assertThat(pinned.exit()).as(pinned.err()).isZero();
    assertThat(run("pin", "--job=run", "--checkpoint=b", "--from=9", "--to=12").out())
        .contains("pinned as pins/run/b-");
    assertThat(run("pins").out()).contains("run", "a", "9", "12");
    assertThat(run("describe", "--json").json().get("pins").intValue()).isEqualTo(2);
    assertThat(run("unpin", "--job=run", "--checkpoint=b").exit()).isZero();
    assertThat(run("unpin", "--job=run", "--checkpoint=b").exit()).isOne();
    String key = pinned.json().get("key").textValue();
    assertThat(run("unpin", "--key=" + key).out()).contains("released 1");
    run("unpin", "--key=stream.json").assertError("is no pin");
    run("unpin").assertError("say --job and --checkpoint, or --key");
    run("unpin", "--job=a").assertError("say --job and --checkpoint, or --key");
    run("pin", "--job=run", "--checkpoint=c", "--from=99").assertError("beyond the tail");
  }

  @Test
  void brokenPinsAreShownAndCanBeReleased() throws Exception {
    Path torn = stream.resolve("pins/run/torn.json");
    Files.createDirectories(torn.getParent());
    Files.writeString(torn, "torn");
    CommandRun pins = run("pins");
    assertThat(pins.exit()).isOne();
    assertThat(pins.out()).contains("BROKEN: corrupt object pins/run/torn.json");
    CommandRun trim = run("trim", "--to-step=3");
    assertThat(trim.exit()).isOne();
    assertThat(trim.out()).contains("pins/run/torn.json");
    assertThat(run("unpin", "--key=pins/run/torn.json").exit()).isZero();
    assertThat(run("trim", "--to-step=3").exit()).isZero();
  }

  @Test
  void trimsAsFarAsPinsAllow() throws Exception {
    run("pin", "--job=run", "--checkpoint=a", "--from=6");
    assertThat(run("trim", "--keep-steps=3", "--dry-run").out()).contains("would be 6");
    assertThat(run("describe", "--json").json().get("first_readable").intValue()).isZero();
    CommandRun trimmed = run("trim", "--keep-steps=3");
    assertThat(trimmed.exit()).isZero();
    assertThat(trimmed.out())
        .contains("the first readable step is now 6, not 12; checkpoint a of job run needs");
    CommandRun again = run("trim", "--keep-steps=3", "--json");
    assertThat(again.exit()).as("nothing was trimmed").isOne();
    JsonNode held = again.lines().get(0);
    assertThat(held.get("outcome").textValue()).isEqualTo("held");
    assertThat(held.get("held_by").get("checkpoint").textValue()).isEqualTo("a");
    assertThat(run("trim", "--older-than=1d").out()).contains("nothing to trim");
    run("trim").assertError("say --keep-steps, --to-step or --older-than");
    assertThat(run("trim", "--keep-steps=1", "--to-step=2").exit()).isEqualTo(2);
    assertThat(run("trim", "--older-than=yesterday").err()).contains("no duration");
    run("trim", "--to-step=99").assertError("no trim to step 99");
  }

  @Test
  void progressIsThatOfReaders() throws Exception {
    try (ObjectStore store = LocalObjectStore.at(stream)) {
      new Heartbeats(LakeStream.open(store)).beat("run", 11);
    }
    JsonNode progress = run("progress", "--json").json();
    assertThat(progress.get("behind").intValue()).isEqualTo(4);
    assertThat(progress.get("live").booleanValue()).isTrue();
    assertThat(run("progress", "--expiry=0s").out()).contains("run", "no");
  }

  /** Retire, trim, vacuum: what is left is a sound stream. */
  @Test
  void aVacuumOfRealFiles() throws Exception {
    Path scratch = Files.createDirectories(stream.resolve(".tmp"));
    Path abandoned = scratch.resolve("0f8fad5b-d9cb-469f-a165-70867728950e");
    Files.writeString(abandoned, "half a bundle");
    Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    Path young = scratch.resolve("16fd2706-8baf-433b-82eb-8c7fada847da");
    Files.writeString(young, "half a bundle");
    List<String> before = files();
    CommandRun plan = run("vacuum", "--dry-run", "--to-step=6");
    assertThat(plan.exit()).as(plan.err()).isZero();
    assertThat(plan.out())
        .contains("would be 6", "would delete 0 objects", "bench", "may still commit")
        .contains("would abort 1, 1 others");
    before.add("clock.json");
    assertThat(files()).containsExactlyInAnyOrderElementsOf(before);

    assertThat(run("vacuum").out()).doesNotContain("trim").contains("deleted 0 objects");
    assertThat(abandoned).doesNotExist();
    assertThat(run("retire", "bench").out()).contains("retired bench at epoch 1");
    run("retire", "nobody").assertError("no producer 'nobody'");
    JsonNode report = run("vacuum", "--to-step=6", "--json").json();
    assertThat(report.get("first_readable").intValue()).isEqualTo(6);
    assertThat(report.get("data").get("deleted_objects").intValue()).isEqualTo(2);
    assertThat(report.get("other_pending_uploads").intValue()).isOne();
    assertThat(young).exists();
    JsonNode verified = run("verify", "--json").json();
    assertThat(verified.get("ok").booleanValue()).as(verified.toString()).isTrue();
    assertThat(verified.get("steps").intValue()).isEqualTo(9);
    assertThat(verified.has("unreachable_objects")).isFalse();
    run("show", "2").assertError("first readable step is 6");
  }

  private List<String> files() throws IOException {
    List<String> files = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(stream)) {
      walk.filter(Files::isRegularFile)
          .map(file -> stream.relativize(file).toString())
          .forEach(files::add);
    }
    return files;
  }

  private CommandRun run(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command, stream.toString()));
    all.addAll(List.of(arguments));
    return CommandRun.of(all.toArray(String[]::new));
  }
}
