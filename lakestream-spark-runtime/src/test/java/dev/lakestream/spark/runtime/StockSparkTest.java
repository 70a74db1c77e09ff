// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gives the one jar to a Spark that knows nothing of us, in a process of its own: as a file with
 * all in that process, as a file with executors in processes of theirs, and by its name in a
 * repository.
 */
class StockSparkTest {
  private static final Path JAR = Path.of(System.getProperty("lakestream.jar"));
  private static final Path POM = Path.of(System.getProperty("lakestream.pom"));
  private static final String VERSION = System.getProperty("lakestream.version");

  @TempDir private Path folder;
  private Path sparkHome;

  /** A Spark installation is a folder of jars; ours are those that Maven has found. */
  @BeforeEach
  void installSpark() throws IOException {
    sparkHome = folder.resolve("spark");
    Path jars = Files.createDirectories(sparkHome.resolve("jars"));
    Files.createFile(sparkHome.resolve("RELEASE"));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      Path jar = Path.of(entry);
      if (entry.endsWith(".jar") && !jar.getFileName().toString().startsWith("lakestream-")) {
        Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar.toAbsolutePath());
      }
    }
  }

  /** JUnit would warn of each link. */
  @AfterEach
  void removeLinks() throws IOException {
    try (DirectoryStream<Path> links = Files.newDirectoryStream(sparkHome.resolve("jars"))) {
      for (Path link : links) {
        Files.delete(link);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local[2,2]", "local-cluster[2,1,1024]"})
  void writesAndReadsWithTheJar(String master) throws Exception {
    writesAndReads(master, List.of("--jars", JAR.toString()));
  }

  /** The repository has nothing but what we publish: there is nothing else to be had. */
  @Test
  void writesAndReadsWithThePackage() throws Exception {
    String name = "lakestream-spark-runtime";
    Path published = folder.resolve("repository/dev/lakestream/" + name + "/" + VERSION);
    Files.createDirectories(published);
    Files.copy(JAR, published.resolve(name + "-" + VERSION + ".jar"));
    Files.copy(POM, published.resolve(name + "-" + VERSION + ".pom"));
    Path settings = folder.resolve("ivysettings.xml");
    Files.writeString(
        settings,
        """
        <ivysettings>
          <settings defaultResolver="published"/>
          <resolvers>
            <ibiblio name="published" m2compatible="true" root="%s"/>
          </resolvers>
        </ivysettings>
        """
            .formatted(folder.resolve("repository").toUri()));
    writesAndReads(
        "local[2,2]",
        List.of(
            "--packages",
            "dev.lakestream:" + name + ":" + VERSION,
            "--conf",
            "spark.jars.ivySettings=" + settings,
            "--conf",
            "spark.jars.ivy=" + folder.resolve("ivy")));
  }

  private void writesAndReads(String master, List<String> ours) throws Exception {
    Path output = folder.resolve("output");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmArguments());
    command.addAll(
        List.of(
            "-Xmx1g",
            "-cp",
            sparkHome.resolve("jars") + "/*",
            "org.apache.spark.deploy.SparkSubmit"));
    command.addAll(List.of("--master", master));
    command.addAll(ours);
    command.addAll(List.of("--conf", "spark.ui.enabled=false"));
    command.addAll(List.of("--conf", "spark.master.ui.port=0", "--conf", "spark.worker.ui.port=0"));
    command.addAll(List.of("--conf", "spark.sql.shuffle.partitions=2"));
    command.addAll(List.of("--conf", "spark.driver.bindAddress=127.0.0.1"));
    command.addAll(List.of("--conf", "spark.driver.host=127.0.0.1"));
    String stream = folder.resolve("stream").toUri().toString();
    command.addAll(List.of("--conf", "spark.hadoop.fs.lakestream.mount.made.root=" + stream));
    command.addAll(List.of("--class", RoundTripApp.class.getName(), app().toString()));
    command.addAll(List.of(stream, "lakestream://made"));

    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("SPARK_HOME", sparkHome.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process spark = builder.start();
    try {
      boolean ended = spark.waitFor(6, TimeUnit.MINUTES);
      String said = Files.readString(output);
      assertThat(ended).as(said).isTrue();
      assertThat(spark.exitValue()).as(said).isZero();
      assertThat(said)
          .contains("rows with their own tokens: 1000")
          .contains("rows that Spark finds in them as files: 1000")
          .contains("rows in the order of the DataFrame: 1000")
          .contains("Arrow files of the length they are listed with: 672");
    } finally {
      spark.destroyForcibly();
    }
  }

  private static List<String> jvmArguments() {
    return Arrays.stream(System.getProperty("spark.jvm.args").split("\\s+", -1))
        .filter(argument -> !argument.isBlank())
        .toList();
  }

  /** The jar with the user's program. */
  private Path app() throws IOException {
    Path jar = folder.resolve("app.jar");
    String name = RoundTripApp.class.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        InputStream content = RoundTripApp.class.getClassLoader().getResourceAsStream(name)) {
      out.putNextEntry(new JarEntry(name));
      content.transferTo(out);
      out.closeEntry();
    }
    return jar;
  }
}
