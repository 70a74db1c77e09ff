// SPDX-License-Identifier: Apache-2.0
package dev.lakestream;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.Environment;
import java.util.Date;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Keeps the layout of this module what its package descriptions say. */
class CoreArchitectureTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          // A module of its own, for tests.
          .withImportOption(location -> !location.contains("/dev/lakestream/wire/"))
          .importPackages("dev.lakestream");

  @Test
  void knowsNeitherArrowNorHadoopNorSpark() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.arrow..", "org.apache.hadoop..", "org.apache.spark..")
        .check(CORE);
  }

  /** Whoever exchanges the SDK, or does without S3, changes one package. */
  @Test
  void onlyItsOwnPackageKnowsTheAwsSdk() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.lakestream.store.s3")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "software.amazon.awssdk..", "org.apache.hc..", "dev.lakestream.store.s3..")
        .check(CORE);
  }

  @Test
  void packagesDoNotDependOnEachOtherInCircles() {
    slices()
        .matching("dev.lakestream.(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(CORE);
  }

  @Test
  void dependenciesPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("error")
        .definedBy("dev.lakestream.error..")
        .layer("store")
        .definedBy("dev.lakestream.store..")
        .layer("format")
        .definedBy("dev.lakestream.format..")
        .layer("schema")
        .definedBy("dev.lakestream.schema..")
        .layer("log")
        .definedBy("dev.lakestream.log..")
        .layer("snapshot")
        .definedBy("dev.lakestream.snapshot..")
        .layer("reader")
        .definedBy("dev.lakestream.reader..")
        .layer("stream")
        .definedBy("dev.lakestream.stream..")
        .layer("commit")
        .definedBy("dev.lakestream.commit..")
        .layer("producer")
        .definedBy("dev.lakestream.producer..")
        .layer("retention")
        .definedBy("dev.lakestream.retention..")
        .layer("fork")
        .definedBy("dev.lakestream.fork..")
        .layer("repeat")
        .definedBy("dev.lakestream.repeat..")
        .whereLayer("error")
        .mayNotAccessAnyLayer()
        .whereLayer("store")
        .mayOnlyAccessLayers("error")
        .whereLayer("format")
        .mayOnlyAccessLayers("error", "store")
        .whereLayer("schema")
        .mayOnlyAccessLayers("error", "format")
        .whereLayer("log")
        .mayOnlyAccessLayers("error", "store", "format", "schema")
        .whereLayer("snapshot")
        .mayOnlyAccessLayers("error", "store", "format", "schema", "log")
        .whereLayer("reader")
        .mayOnlyAccessLayers("error", "format")
        .whereLayer("stream")
        .mayOnlyAccessLayers("error", "store", "format", "schema", "log", "snapshot", "reader")
        .whereLayer("commit")
        .mayNotAccessAnyLayer()
        .whereLayer("producer")
        .mayOnlyAccessLayers("error", "store", "format", "log", "snapshot", "stream", "commit")
        .whereLayer("retention")
        .mayOnlyAccessLayers("error", "store", "format", "log", "snapshot", "stream", "producer")
        .whereLayer("fork")
        .mayOnlyAccessLayers("error", "store", "format", "log", "reader", "stream", "retention")
        .whereLayer("repeat")
        .mayOnlyAccessLayers("error", "store", "format", "log", "stream", "producer")
        .check(CORE);
  }

  /** Of the store, the log and the format know what a key is, and nothing that does I/O. */
  @Test
  void theLogAndTheFormatArePure() {
    for (String pure : new String[] {"dev.lakestream.log..", "dev.lakestream.format.."}) {
      noClasses()
          .that()
          .resideInAPackage(pure)
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.lakestream.store..")
                  .and(
                      com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo(
                              ObjectKey.class)
                          .negate()
                          .as("other than ObjectKey")))
          .check(CORE);
    }
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.lakestream.log..",
            "dev.lakestream.schema..",
            "dev.lakestream.reader..",
            "dev.lakestream.commit..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net..", "java.time..")
        .check(CORE);
  }

  @Test
  void noDates() {
    noClasses().should().dependOnClassesThat().areAssignableTo(Date.class).check(CORE);
  }

  /** Whatever is no function of its inputs comes from {@link Environment}. */
  @Test
  void clocksRandomnessAndWaitingAreInjected() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(Environment.class)
        .and()
        // The same for a store that is opened without one.
        .doNotHaveFullyQualifiedName("dev.lakestream.store.s3.S3Environment")
        .and()
        .doNotHaveFullyQualifiedName("dev.lakestream.store.host.CacheEnvironment")
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", long.class, int.class)
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(java.time.Clock.class, "systemUTC")
        .orShould()
        .callMethod(java.time.Clock.class, "systemDefaultZone")
        .orShould()
        .callMethod(java.time.InstantSource.class, "system")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
        .check(CORE);
    // A name that nobody else ever sees may be random.
    noClasses()
        .that()
        .doNotBelongToAnyOf(Environment.class, LocalObjectStore.class)
        .should()
        .callMethod(UUID.class, "randomUUID")
        .check(CORE);
  }

  @Test
  void ourErrorsAreOfOneFamily() {
    classes()
        .that()
        .resideInAPackage("dev.lakestream.error..")
        .and()
        .areAssignableTo(Throwable.class)
        .should()
        .beAssignableTo(dev.lakestream.error.LakestreamException.class)
        .check(CORE);
  }
}
