// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.log.StepRecord;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every mistake is refused before a job starts, with the name of the option. */
class OptionsTest {
  @TempDir private Path folder;

  @Test
  void aBatchNeedsASize() {
    refused(Map.of("slots", "2"), "'globalBatchSize' is missing");
  }

  @Test
  void aNewStreamNeedsSlots() {
    refused(Map.of("globalBatchSize", "8"), "'slots' is needed", "there is no stream at");
  }

  @Test
  void slotsMustDivideTheBatch() {
    refused(
        Map.of("globalBatchSize", "100", "slots", "64"),
        "globalBatchSize 100 is not divisible by slots 64",
        "64 or 128");
  }

  @Test
  void numbersAndSizesMustBeSome() {
    refused(Map.of("globalBatchSize", "many", "slots", "2"), "'globalBatchSize' is 'many'");
    refused(Map.of("globalBatchSize", "8", "slots", "0"), "'slots' is '0'", "from 1 to 65536");
    refused(Map.of("globalBatchSize", "8", "slots", "2", "bundleSize", "big"), "64MB");
  }

  @Test
  void choicesAreNamed() {
    refused(
        Map.of("globalBatchSize", "8", "slots", "2", "remainder", "lose"),
        "'remainder' is 'lose'",
        "[keep, drop, pad, error, carry]");
  }

  @Test
  void maxLeadIsStepsOrBytes() {
    for (String text : new String[] {"far", "-5", "64x", "1.5g"}) {
      refused(
          Map.of("globalBatchSize", "8", "slots", "2", "maxLead", text),
          "option 'maxLead' is '" + text + "'",
          "such as 10000",
          "such as 64g");
    }
    refused(
        Map.of("globalBatchSize", "8", "slots", "2", "maxLead", "0"), "'maxLead'", "at least 1");
    assertThat(folder.resolve("stream")).doesNotExist();
  }

  @Test
  void unknownOptionsAreRefused() {
    refused(
        Map.of("globalBatchSize", "8", "slots", "2", "remaider", "drop"),
        "'remaider' is unknown",
        "remainder");
  }

  @Test
  void producersHaveNames() {
    refused(Map.of("globalBatchSize", "8", "slots", "2", "producer", "a/b"), "'producer' 'a/b'");
  }

  @Test
  void columnsMustExist() {
    refused(
        Map.of("globalBatchSize", "8", "slots", "2", "tokensColumn", "tokns"),
        "'tokensColumn' names 'tokns'",
        "[id, tokens]");
    refused(
        Map.of("globalBatchSize", "8", "slots", "2", "sourceColumn", "id"),
        "'sourceColumn' names 'id: int64'",
        "a string");
    refused(
        Map.of("globalBatchSize", "8", "slots", "2", "sequence", "labels"),
        "the sequence column 'labels' is not among the columns");
  }

  @Test
  void piecesNeedSequencesThatTheyDivide() {
    refused(Map.of("globalBatchSize", "8", "slots", "2", "pieces", "2"), "'pieces' is 2");
    refused(
        Map.of(
            "globalBatchSize",
            "8",
            "slots",
            "2",
            "pieces",
            "3",
            "sequence",
            "tokens",
            "fixedLength.tokens",
            "8"),
        "'pieces' is 3",
        "does not divide the fixed length 8");
  }

  @Test
  void unknownSchemesAreRefused() {
    assertThatThrownBy(() -> Sparks.write(Sparks.rows(8, 1), 4, 2).save("nowhere://bucket/stream"))
        .hasMessageContaining("no store for 'nowhere:'");
  }

  @Test
  void aFailedCheckCreatesNothing() {
    refused(Map.of("globalBatchSize", "100", "slots", "64"), "not divisible");
    assertThat(folder.resolve("stream")).doesNotExist();
  }

  @Test
  void stepsAreMeasured() throws Exception {
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 8, 1, 1)
            .selectExpr(
                "sequence(0, id) as tokens",
                "transform(sequence(0, id), i -> i > 0) as mask",
                "if(id % 4 = 0, 'web', 'code') as origin");
    Sparks.write(rows, 4, 2)
        .option("tokensColumn", "tokens")
        .option("lossTokensColumn", "mask")
        .option("sourceColumn", "origin")
        .save(folder.resolve("stream").toString());
    StepRecord first = Sparks.steps(folder.resolve("stream")).get(0);
    assertThat(first.tokens()).isEqualTo(1 + 2 + 3 + 4);
    assertThat(first.lossTokensIfSaid()).hasValue(1 + 2 + 3);
    assertThat(first.sources()).isEqualTo(Map.of("web", 1L, "code", 3L));
  }

  /** Nothing is stored that the log alone is to know; left-over rows are counted as well. */
  @Test
  void expressionsAreMeasured() throws Exception {
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 9, 1, 2)
            .selectExpr(
                "id",
                "sequence(0, id) as tokens",
                "named_struct('url', 'https://' || if(id % 4 = 0, 'web', 'code') || '/x') as s");
    for (String format : new String[] {"arrow", "parquet"}) {
      Path root = folder.resolve(format);
      Sparks.write(rows, 4, 2)
          .option("bundleFormat", format)
          .option("order", "ordered")
          .option("tokensColumn", "size(tokens) + 1")
          .option("lossTokensColumn", "transform(tokens, i -> i BETWEEN 1 AND 2)")
          .option("sourceColumn", "parse_url(s.url, 'HOST')")
          .save(root.toString());
      assertThat(Sparks.read(root).columns()).containsExactly("id", "tokens", "s");
      assertThat(Sparks.steps(root))
          .extracting(StepRecord::tokens)
          .containsExactly(2L + 3 + 4 + 5, 6L + 7 + 8 + 9, 10L);
      assertThat(Sparks.steps(root))
          .extracting(step -> step.lossTokensIfSaid().orElseThrow())
          .containsExactly(1L + 2 + 2, 2L + 2 + 2 + 2, 2L);
      assertThat(Sparks.steps(root))
          .extracting(StepRecord::sources)
          .containsExactly(
              Map.of("web", 1L, "code", 3L), Map.of("web", 1L, "code", 3L), Map.of("web", 1L));
    }
  }

  @Test
  void expressionsAreReadBeforeTheJob() {
    Map<String, String> good = Map.of("globalBatchSize", "8", "slots", "2");
    for (String wrong : new String[] {"size(", "size(tokns)", "no_such(id)"}) {
      refused(
          with(good, "tokensColumn", wrong), "'tokensColumn' is '" + wrong + "'", "[id, tokens]");
    }
    for (String wrong :
        new String[] {"sum(id)", "explode(tokens)", "rand() > 0", "id, id + 1", "*"}) {
      refused(with(good, "lossTokensColumn", wrong), "'lossTokensColumn' is '" + wrong + "'");
    }
    refused(
        with(good, "sourceColumn", "id + 1"),
        "'sourceColumn' names '`id + 1`: int64?'",
        "a string");
    refused(with(good, "tokensColumn", "id + 1".repeat(300)), "'tokensColumn'", "longer than 1000");
    assertThat(folder.resolve("stream")).doesNotExist();
  }

  private static Map<String, String> with(Map<String, String> options, String name, String value) {
    Map<String, String> all = new java.util.TreeMap<>(options);
    all.put(name, value);
    return all;
  }

  @Test
  void numbersAreSummedUp() throws Exception {
    Sparks.write(Sparks.session().range(0, 6, 1, 2).toDF(), 4, 2)
        .option("tokensColumn", "id")
        .save(folder.resolve("stream").toString());
    assertThat(Sparks.steps(folder.resolve("stream")).stream().mapToLong(StepRecord::tokens).sum())
        .isEqualTo(15);
  }

  private void refused(Map<String, String> options, String... words) {
    assertThatThrownBy(
            () ->
                Sparks.rows(8, 1)
                    .write()
                    .format("lakestream")
                    .options(options)
                    .mode(SaveMode.Append)
                    .save(folder.resolve("stream").toString()))
        .message()
        .contains(words);
  }
}
