// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import dev.lakestream.cli.StreamArgument;
import dev.lakestream.error.FencedException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * One producer process: goes on where the log says that its former life got to, commits steps until
 * it is told to stop, and writes down what was acknowledged.
 */
@Command(
    name = TortureProducerCommand.NAME,
    hidden = true,
    description = "One producer of the torture.")
public final class TortureProducerCommand implements Callable<Integer> {
  static final String NAME = "torture-producer";

  /** Exit code of a process that was fenced by its own next life, as it should be. */
  static final int FENCED = 3;

  private static final int MAX_STEPS = 3;
  private static final int MAX_PAUSE_MILLIS = 250;

  @Mixin private StreamArgument argument = new StreamArgument();

  @Option(names = "--number", required = true)
  private int number;

  @Option(names = "--seed", required = true)
  private long seed;

  @Option(names = "--journal", required = true)
  private Path journal = Path.of("");

  @Option(names = "--stop", required = true, description = "Ends when this file exists.")
  private Path stop = Path.of("");

  static String producer(int number) {
    return "source-" + number;
  }

  @Override
  public Integer call() throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    try (ObjectStore store = argument.openStore();
        BufferAllocator allocator = new RootAllocator();
        Journal acknowledged = Journal.append(journal)) {
      LakeStream stream = LakeStream.open(store);
      ProducerSession session = ProducerSession.open(stream, producer(number));
      StepMaker maker = new StepMaker(stream, session, number, allocator);
      while (!Files.exists(stop)) {
        Position before = Position.of(session.state());
        CommitReceipt receipt =
            session.commit(
                maker.next(
                    1 + random.nextInt(MAX_STEPS), random.nextInt(SourceRows.SLOTS), before));
        acknowledged.write(
            SealedJson.object()
                .put("version", receipt.version())
                .put("first_step", receipt.firstStep())
                .put("steps", receipt.steps())
                .put(
                    "first_row",
                    before.nextRow() - (long) before.rest().size() * SourceRows.SLOT_ROWS));
        TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_PAUSE_MILLIS));
      }
      return 0;
    } catch (FencedException e) {
      return FENCED;
    }
  }
}
