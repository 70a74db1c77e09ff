// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A streaming query in a process of its own that is killed (SIGKILL) at every stage of an epoch and
 * started again. Afterwards each row is in the stream, once.
 */
class KilledQueryTest {
  /** When it is killed, by the puts of each of its runs, and how many rows are visible then. */
  private record Killed(String stage, String at, int visible) {}

  @RegisterExtension static final Places PLACES = new Places();

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(
      value = Places.Kind.class,
      names = {"LOCAL", "S3"})
  void everyRowOfFilesIsInTheStreamOnce(Places.Kind kind) throws Exception {
    Places.Place place = PLACES.fresh(kind, folder);
    Queries query = new Queries(Sparks.session(), folder, place.uri());
    for (int file = 0; file < 4; file++) {
      query.put(7);
    }
    killAndFinish("", place, query.ids());
  }

  private void killAndFinish(String source, Places.Place place, List<Long> ids) throws Exception {
    List<Killed> all =
        List.of(
            new Killed("before the tasks of epoch 0", "after log/ 1", 0),
            new Killed("during its tasks", "before data/ 2", 0),
            new Killed("after its tasks, before our commit", "before log/ 2", 0),
            new Killed("after our commit, before Spark's", "after log/ 2", 4),
            new Killed("after epochs, before the commit of another", "before log/ 4", 20));
    for (Killed killed : all) {
      assertThat(run(source, place, killed.at, "carry", StoppingStores.STOPPED))
          .as(killed.stage)
          .isFalse();
      if (killed.visible > 0) {
        List<Long> visible = visible(place);
        assertThat(visible).as(killed.stage).hasSize(killed.visible).doesNotHaveDuplicates();
      }
    }
    assertThat(run(source, place, "before never/ 1", "keep", QueryProcess.DONE)).isTrue();
    assertThat(visible(place)).isEqualTo(ids);
  }

  /**
   * Runs the query until it says this, and kills it then.
   *
   * @return whether it ended by itself
   */
  private boolean run(
      String source, Places.Place place, String stopAt, String remainder, String until)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens") || argument.startsWith("-D"))
        .filter(argument -> !argument.startsWith("-Dsurefire"))
        .forEach(command::add);
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    // What lives for seconds only is not worth the better compiler.
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-Xmx512m", "-cp", classPath, QueryProcess.class.getName()));
    command.addAll(List.of(folder.toString(), source, place.uri(), stopAt, remainder));
    place.options().forEach((name, value) -> command.addAll(List.of(name, value)));
    Process process =
        new ProcessBuilder(command)
            .directory(new File(folder.toString()))
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      List<String> said = new ArrayList<>();
      String line = output.readLine();
      while (line != null && !line.startsWith(until)) {
        said.add(line);
        line = output.readLine();
      }
      assertThat(line).as(String.join("\n", said)).isNotNull();
      if (until.equals(QueryProcess.DONE)) {
        return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
      }
      return false;
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static List<Long> visible(Places.Place place) {
    Dataset<Row> rows =
        Sparks.session().read().format("lakestream").options(place.options()).load(place.uri());
    return Sparks.longs(rows.select("id").orderBy("id"));
  }
}
