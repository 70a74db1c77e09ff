// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The jar that a user gives to Spark holds what Spark lacks, and nothing that it has. */
class RuntimeJarTest {
  private static List<String> entries;

  @BeforeAll
  static void readJar() throws IOException {
    try (JarFile jar = new JarFile(System.getProperty("lakestream.jar"))) {
      entries = jar.stream().map(ZipEntry::getName).filter(name -> !name.endsWith("/")).toList();
    }
  }

  @Test
  void everyClassIsOurs() {
    assertThat(entries)
        .filteredOn(name -> name.endsWith(".class"))
        .isNotEmpty()
        .allMatch(name -> name.startsWith("dev/lakestream/"));
  }

  @Test
  void jacksonIsInsideUnderAnotherName() {
    assertThat(entries)
        .contains(
            "dev/lakestream/shaded/jackson/databind/ObjectMapper.class",
            "META-INF/services/dev.lakestream.shaded.jackson.core.JsonFactory");
  }

  @Test
  void theAwsSdkIsInsideUnderAnotherName() {
    assertThat(entries)
        .contains(
            "dev/lakestream/shaded/awssdk/services/s3/S3Client.class",
            "dev/lakestream/shaded/hc/client5/http/classic/HttpClient.class",
            "META-INF/services/dev.lakestream.shaded.awssdk.http.SdkHttpService",
            "META-INF/services/dev.lakestream.store.ObjectStoreProvider");
  }

  @Test
  void everyModuleIsInside() {
    assertThat(entries)
        .contains(
            "dev/lakestream/package-info.class",
            "dev/lakestream/arrow/bundle/package-info.class",
            "dev/lakestream/hadoop/store/package-info.class",
            "dev/lakestream/spark/package-info.class");
  }

  @Test
  void nothingSignsOrNamesOtherJars() {
    assertThat(entries).doesNotHaveDuplicates().doesNotContain("module-info.class");
    assertThat(entries).noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|RSA|DSA)"));
    assertThat(entries).contains("META-INF/LICENSE", "META-INF/NOTICE");
  }
}
