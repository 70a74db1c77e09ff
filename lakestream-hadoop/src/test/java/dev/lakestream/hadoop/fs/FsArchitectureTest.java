// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Keeps the package what its description says. */
class FsArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.lakestream.hadoop.fs");

  @Test
  void knowsNoStoreButByItsInterface() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.lakestream.hadoop.store..",
            "dev.lakestream.store.s3..",
            "dev.lakestream.arrow.reader..",
            "org.apache.spark..")
        .check(CLASSES);
  }

  @Test
  void onlyHadoopsEntrancesArePublic() {
    classes()
        .that()
        .arePublic()
        .should()
        .haveSimpleName("LakestreamFileSystem")
        .orShould()
        .haveSimpleName("LakestreamFs")
        .check(CLASSES);
  }
}
