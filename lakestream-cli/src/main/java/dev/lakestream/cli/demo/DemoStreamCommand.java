// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.cli.Output;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.Action;
import dev.lakestream.producer.StreamControl;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream demo-stream}: the writing half of the demo, for a reader of one's own. */
@Command(
    name = "demo-stream",
    mixinStandardHelpOptions = true,
    description = {
      "Fills a stream with small steps of tokenized source code, one Spark job after the other, and seals it.",
      "For the training example, lakestream-python/examples/train_gpt.py, which may read at the same time."
    })
public final class DemoStreamCommand implements Callable<Integer> {
  private static final int SEQUENCE_LENGTH = 128;
  private static final int SLOTS = 8;
  private static final int GLOBAL_BATCH_SIZE = 16;

  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(names = "--steps", defaultValue = "200", description = "How many steps. Default: 200.")
  private int steps;

  @Option(
      names = "--jobs",
      defaultValue = "10",
      description = "In how many Spark jobs, each of which is one commit. Default: 10.")
  private int jobs;

  @Option(
      names = "--paced",
      description =
          "Begin each job but the first when a line comes on standard input; at its end, stop unsealed.")
  private boolean paced;

  @Override
  public Integer call() throws Exception {
    if (steps < 1 || jobs < 1 || steps % jobs != 0) {
      throw new InvalidRequestException(
          "--jobs " + jobs + " must be at least 1 and divide --steps " + steps);
    }
    Path home = DemoCorpus.home();
    try (SparkSession spark = session();
        BufferedReader orders =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      List<Sample> samples = samples(spark, home);
      int rows = samples.size() / jobs;
      for (int job = 0; job < jobs; job++) {
        if (paced && job > 0 && orders.readLine() == null) {
          return 1;
        }
        append(spark, samples.subList(job * rows, (job + 1) * rows));
        tell(job);
      }
    }
    return argument.use(
        stream -> {
          new StreamControl(stream).commit(new Action.Seal());
          return 0;
        });
  }

  private static SparkSession session() {
    return SparkSession.builder()
        .appName("lakestream-demo-stream")
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate();
  }

  private List<Sample> samples(SparkSession spark, Path home) throws IOException {
    int wanted = steps * GLOBAL_BATCH_SIZE;
    List<Sample> samples =
        new TokenizedCorpus(DemoCorpus.jars(home), SEQUENCE_LENGTH)
            .samples(spark)
            .takeAsList(wanted);
    if (samples.size() < wanted) {
      throw new InvalidRequestException(
          "--steps "
              + steps
              + ": the corpus has only "
              + samples.size() / GLOBAL_BATCH_SIZE
              + " steps");
    }
    return samples;
  }

  /** One job: shuffles these samples and appends them, in one commit. */
  private void append(SparkSession spark, List<Sample> samples) {
    spark
        .createDataset(samples, Encoders.bean(Sample.class))
        .orderBy(xxhash64(col("id")))
        .select(col("id"), col("source"), col("tokens"))
        .write()
        .format("lakestream")
        .option("globalBatchSize", GLOBAL_BATCH_SIZE)
        .option("slots", SLOTS)
        .option("fixedLength.tokens", SEQUENCE_LENGTH)
        .option("tokensColumn", "tokens")
        .option("sourceColumn", "source")
        .option("producer", "demo-tokenizer")
        .options(argument.store().values())
        .mode(SaveMode.Append)
        .save(argument.uri());
  }

  private void tell(int job) {
    int from = job * (steps / jobs);
    int to = from + steps / jobs;
    ObjectNode json = SealedJson.object().put("from", from).put("to", to);
    output.print(json, out -> out.println("committed the steps " + from + " to " + (to - 1)));
  }
}
