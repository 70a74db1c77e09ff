// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Dependencies between the packages point one way. */
class SparkArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.lakestream.spark");

  @Test
  void optionsKnowNothingOfSpark() {
    noClasses()
        .that()
        .resideInAPackage("..spark.options")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.spark..")
        .check(CLASSES);
  }

  @Test
  void vectorsKnowNothingOfStreams() {
    noClasses()
        .that()
        .resideInAPackage("..spark.vector")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "..lakestream.stream", "..lakestream.log", "..spark.read", "..spark.write")
        .check(CLASSES);
  }

  @Test
  void readingKnowsNothingOfWriting() {
    noClasses()
        .that()
        .resideInAPackage("..spark.read")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..spark.write", "..lakestream.producer")
        .check(CLASSES);
  }

  @Test
  void placesAreJudgedWithoutReading() {
    noClasses()
        .that()
        .resideInAPackage("..spark.place")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..lakestream.store", "..spark.read", "..spark.write", "..arrow..")
        .check(CLASSES);
  }

  @Test
  void whatTheLogSaysIsReadWithoutBundles() {
    noClasses()
        .that()
        .resideInAPackage("..spark.meta")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..lakestream.arrow..", "..spark.write", "..lakestream.producer")
        .check(CLASSES);
  }

  @Test
  void catalogsKnowNothingOfRows() {
    noClasses()
        .that()
        .resideInAPackage("..spark.catalog")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..lakestream.arrow..", "..spark.read", "..spark.write")
        .check(CLASSES);
  }

  @Test
  void proceduresReadNoRows() {
    noClasses()
        .that()
        .resideInAPackage("..spark.procedure")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("..lakestream.arrow..", "..spark.read", "..spark.vector")
                .and(resideOutsideOfPackage("..lakestream.arrow.repeat")))
        .check(CLASSES);
  }

  @Test
  void metricsKnowOnlyHowToAddUp() {
    noClasses()
        .that()
        .resideInAPackage("..spark.metric")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.lakestream..")
                .and(resideOutsideOfPackage("dev.lakestream.spark.metric")))
        .check(CLASSES);
  }

  /** Spark loads it in every session: a class that is missing then would break them all. */
  @Test
  void theSourceHoldsNothingThatCouldFailToLoad() {
    noClasses()
        .that()
        .haveSimpleName("LakestreamSource")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.arrow..", "dev.lakestream.spark.*")
        .check(CLASSES);
  }

  @Test
  void preparingKnowsNothingOfStreams() {
    noClasses()
        .that()
        .resideInAPackage("..spark.prepare")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "..lakestream.stream..",
            "..lakestream.store..",
            "..lakestream.log..",
            "..lakestream.arrow..",
            "..spark.options",
            "..spark.read",
            "..spark.write")
        .check(CLASSES);
  }

  @Test
  void packersKnowNothingOfSpark() {
    noClasses()
        .that()
        .resideInAPackage("..spark.prepare")
        .and()
        .haveSimpleNameEndingWith("Packer")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.spark..")
        .check(CLASSES);
  }
}
