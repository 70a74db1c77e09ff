// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs that know {@code FileContext} only, each in a process of its own: in this one others
 * have used {@code FileSystem}, and so made the class known.
 */
class FileContextTest {
  private static final String CLASS =
      """
      <property>
        <name>fs.AbstractFileSystem.lakestream.impl</name>
        <value>dev.lakestream.hadoop.fs.LakestreamFs</value>
      </property>
      """;

  @TempDir Path root;
  @TempDir Path configuration;

  /** What users write: nothing of it uses {@code FileSystem}, unless it is told to begin so. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws IOException {
      if (arguments.length > 0) {
        FileSystem.get(URI.create(arguments[0]), new Configuration());
      }
      FileContext context = FileContext.getFileContext(URI.create("lakestream://demo"));
      for (FileStatus step : context.util().listStatus(new org.apache.hadoop.fs.Path("/steps"))) {
        var slot = new org.apache.hadoop.fs.Path(step.getPath(), "slot-0001.arrow");
        try (FSDataInputStream in = context.open(slot)) {
          System.out.println(step.getPath().getName() + ": " + in.readAllBytes().length);
        }
      }
    }
  }

  @BeforeEach
  void begin() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(root, 2, 1)) {
      disk.commit(2);
    }
  }

  @Test
  void theClassInCoreSiteIsEnough() throws Exception {
    assertThat(run(CLASS, 0)).satisfies(FileContextTest::showsBothSteps);
  }

  /**
   * Hadoop then asks for all file systems that there are, and this one makes both classes known.
   */
  @Test
  void anyFileSystemThatWasUsedBeforeIsEnough() throws Exception {
    assertThat(run("", 0, "file:///")).satisfies(FileContextTest::showsBothSteps);
  }

  private static void showsBothSteps(String said) {
    assertThat(said)
        .contains("00000000000000000000: ")
        .contains("00000000000000000001: ")
        .doesNotContain("Exception");
  }

  /** Should Hadoop come to find the class by itself, the documentation is to say so. */
  @Test
  void withoutItHadoopSaysWhatIsMissing() throws Exception {
    assertThat(run("", 1)).contains("fs.AbstractFileSystem.lakestream.impl");
  }

  /** What the program prints, run with a {@code core-site.xml} of the mount and more. */
  private String run(String more, int status, String... arguments)
      throws IOException, InterruptedException {
    Files.writeString(
        configuration.resolve("core-site.xml"),
        """
        <configuration>
        <property>
          <name>fs.lakestream.mount.demo.root</name>
          <value>%s</value>
        </property>
        %s</configuration>
        """
            .formatted(root, more));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Path said = configuration.resolve("said");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", configuration + File.pathSeparator + classPath));
    command.add(Program.class.getName());
    command.addAll(List.of(arguments));
    Process program =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      assertThat(program.waitFor(1, TimeUnit.MINUTES)).as(Files.readString(said)).isTrue();
      assertThat(program.exitValue()).as(Files.readString(said)).isEqualTo(status);
      return Files.readString(said, UTF_8);
    } finally {
      program.destroyForcibly();
    }
  }
}
