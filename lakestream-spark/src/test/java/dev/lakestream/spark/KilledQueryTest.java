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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A streaming query in a process of its own that is killed (SIGKILL) at every stage of an epoch and
 * started again. Afterwards each row is in the stream, once.
 */
class KilledQueryTest {
  /** When it is killed, by the puts of each of its runs, and how many rows are visible then. */
  private record Killed(String stage, String at, int visible) {}

  @TempDir private Path folder;

  @Test
  void everyRowOfFilesIsInALocalStreamOnce() throws Exception {
    Queries query = new Queries(Sparks.session(), folder, folder.resolve("stream").toString());
    for (int file = 0; file < 4; file++) {
      query.put(7);
    }
    killAndFinish("", query.root(), Map.of(), query.ids());
  }

  private void killAndFinish(
      String source, String root, Map<String, String> options, List<Long> ids) throws Exception {
    List<Killed> all =
        List.of(
            new Killed("before the tasks of epoch 0", "after log/ 1", 0),
            new Killed("during its tasks", "before data/ 2", 0),
            new Killed("after its tasks, before our commit", "before log/ 2", 0),
            new Killed("after our commit, before Spark's", "after log/ 2", 4),
            new Killed("after epochs, before the commit of another", "before log/ 4", 20));
    for (Killed killed : all) {
      assertThat(run(source, root, options, killed.at, "carry", StoppingStores.STOPPED))
          .as(killed.stage)
          .isFalse();
      if (killed.visible > 0) {
        List<Long> visible = visible(root, options);
        assertThat(visible).as(killed.stage).hasSize(killed.visible).doesNotHaveDuplicates();
      }
    }
    assertThat(run(source, root, options, "before never/ 1", "keep", QueryProcess.DONE)).isTrue();
    assertThat(visible(root, options)).isEqualTo(ids);
  }

  /**
   * Runs the query until it says this, and kills it then.
   *
   * @return whether it ended by itself
   */
  private boolean run(
      String source,
      String root,
      Map<String, String> options,
      String stopAt,
      String remainder,
      String until)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens") || argument.startsWith("-D"))
        .filter(argument -> !argument.startsWith("-Dsurefire"))
        .forEach(command::add);
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-Xmx512m", "-cp", classPath, QueryProcess.class.getName()));
    command.addAll(List.of(folder.toString(), source, root, stopAt, remainder));
    options.forEach((name, value) -> command.addAll(List.of(name, value)));
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

  private static List<Long> visible(String root, Map<String, String> options) {
    Dataset<Row> rows = Sparks.session().read().format("lakestream").options(options).load(root);
    return Sparks.longs(rows.select("id").orderBy("id"));
  }
}
