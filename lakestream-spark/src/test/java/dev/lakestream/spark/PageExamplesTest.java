// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.log.StepRecord;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples in Java of docs/prepare.md, compiled and executed as they stand there, one after the
 * other. The tests of the Python package execute those in Python and SQL.
 */
class PageExamplesTest {
  private static final Path PAGE = Path.of("..", "docs", "prepare.md");
  private static final Pattern EXAMPLE =
      Pattern.compile("^```java\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

  @TempDir private Path folder;

  @Test
  void theyShuffleMixAndWrite() throws Exception {
    Path corpus = folder.resolve("corpus");
    String examples =
        EXAMPLE
            .matcher(Files.readString(PAGE))
            .results()
            .map(found -> found.group(1))
            .collect(joining("\n"))
            .replace("/lake/corpus", corpus.toString());
    assertThat(examples).contains("Prepare.shuffle", "Mixture.of", "\"explicit\"");
    Dataset<Row> rows = Sparks.session().range(0, 1000, 1, 3).toDF("id");

    assertThat(Sparks.longs(shuffledBy(examples, rows)))
        .hasSize(1000)
        .doesNotHaveDuplicates()
        .isNotEqualTo(Sparks.longs(rows));
    assertThat(Sparks.steps(corpus))
        .extracting(StepRecord::sources)
        .containsExactly(Map.of("web", 358L, "code", 154L), Map.of("web", 358L, "code", 154L));
  }

  /** Runs them with these rows for all that they begin with. */
  @SuppressWarnings("unchecked")
  private Dataset<Row> shuffledBy(String examples, Dataset<Row> rows) throws Exception {
    Path source = folder.resolve("Examples.java");
    Files.writeString(
        source,
        """
        import dev.lakestream.spark.prepare.*;
        import org.apache.spark.sql.*;

        public final class Examples {
          public static Dataset<Row> run(Dataset<Row> rows, Dataset<Row> web, Dataset<Row> code) {
            %s
            return shuffled;
          }
        }
        """
            .formatted(examples));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    int problems =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-cp",
                classPath,
                "-d",
                folder.toString(),
                "-proc:none",
                source.toString());
    assertThat(problems).as(examples).isZero();
    try (URLClassLoader compiled =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      return (Dataset<Row>)
          compiled
              .loadClass("Examples")
              .getMethod("run", Dataset.class, Dataset.class, Dataset.class)
              .invoke(null, rows, rows, rows);
    }
  }
}
