// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Keeps the layout of this module what its package descriptions say. */
class ArrowArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.lakestream.arrow");

  @Test
  void importsGoFromReadersToSchemas() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("schema")
        .definedBy("dev.lakestream.arrow.schema")
        .layer("sequence")
        .definedBy("dev.lakestream.arrow.sequence")
        .layer("parquet")
        .definedBy("dev.lakestream.arrow.parquet")
        .layer("bundle")
        .definedBy("dev.lakestream.arrow.bundle")
        .layer("reader")
        .definedBy("dev.lakestream.arrow.reader")
        .layer("repeat")
        .definedBy("dev.lakestream.arrow.repeat")
        .layer("export")
        .definedBy("dev.lakestream.arrow.export")
        .whereLayer("repeat")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("export")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("reader")
        .mayOnlyBeAccessedByLayers("export", "repeat")
        .whereLayer("bundle")
        .mayOnlyBeAccessedByLayers("reader", "repeat")
        .whereLayer("parquet")
        .mayOnlyBeAccessedByLayers("bundle")
        .whereLayer("sequence")
        .mayOnlyBeAccessedByLayers("bundle", "reader")
        .check(CLASSES);
  }

  /** Its artifact is optional. */
  @Test
  void onlyTheExportNeedsTheCDataInterface() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.lakestream.arrow.export")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.arrow.c..")
        .check(CLASSES);
  }

  /** Whoever exchanges the library, or does without Parquet, changes one package. */
  @Test
  void onlyItsOwnPackageKnowsParquetsMetadata() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.lakestream.arrow.parquet")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.parquet..", "shaded.parquet..")
        .check(CLASSES);
  }

  @Test
  void bundlesKnowNoStreams() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.lakestream.arrow.schema",
            "dev.lakestream.arrow.sequence",
            "dev.lakestream.arrow.bundle")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.lakestream.stream..", "dev.lakestream.producer..", "dev.lakestream.snapshot..")
        .check(CLASSES);
  }

  @Test
  void schemasAndCutsKnowNoStores() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.lakestream.arrow.schema",
            "dev.lakestream.arrow.sequence",
            "dev.lakestream.arrow.parquet")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.lakestream.store..", "dev.lakestream.log..")
        .check(CLASSES);
  }

  @Test
  void knowsNeitherHadoopNorSpark() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.hadoop..", "org.apache.spark..")
        .check(CLASSES);
  }
}
