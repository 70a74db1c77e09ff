// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Keeps the layout of this module what its package descriptions say. */
class HadoopArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.lakestream.hadoop");

  @Test
  void knowsNoSpark() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "dev.lakestream.spark..")
        .check(CLASSES);
  }

  @Test
  void theStoreKnowsBytesOnly() {
    noClasses()
        .that()
        .resideInAPackage("dev.lakestream.hadoop.store..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.lakestream.format..",
            "dev.lakestream.log..",
            "dev.lakestream.stream..",
            "dev.lakestream.producer..",
            "dev.lakestream.arrow..",
            "dev.lakestream.hadoop.fs..",
            "org.apache.arrow..")
        .check(CLASSES);
  }

  /** Everybody with a stream anywhere loads it, also who has no Hadoop. */
  @Test
  void theProviderNamesNoClassOfHadoop() {
    noClasses()
        .that()
        .haveSimpleName("HadoopObjectStoreProvider")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.hadoop..")
        .check(CLASSES);
  }

  @Test
  void namesAreGivenFromOutside() {
    noClasses()
        .that()
        .resideInAPackage("dev.lakestream.hadoop.store..")
        .and()
        .doNotHaveSimpleName("HadoopObjectStoreProvider")
        .should()
        .callMethod(UUID.class, "randomUUID")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .check(CLASSES);
  }
}
