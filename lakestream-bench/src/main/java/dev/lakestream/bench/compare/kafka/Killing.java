// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import dev.lakestream.bench.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A producer is killed (SIGKILL) when half of its batch is sent. Then another one sends a whole
 * batch: when does a rank get that, and what of the half does it have to fetch?
 */
final class Killing {
  /** Batches of 4 MiB in 8 slots. */
  static final BatchShape SHAPE = BatchShape.ofStep(8, 4 << 20);

  private Killing() {}

  /**
   * Where batches go, as a process of its own finds it.
   *
   * @param kind as {@link HalfBatch} calls it
   * @param place address or folder
   * @param topic that all producers share; anything for a stream
   */
  record Target(String kind, String place, String topic) {}

  /**
   * What was measured.
   *
   * @param seconds from sending the whole batch until a rank has its slot of it
   * @param amplification bytes that came to the rank ÷ bytes of its slot
   */
  record Outcome(double seconds, double amplification) {}

  /**
   * Kills, and measures.
   *
   * @param survivor opens a producer that nobody knew of before
   * @param rank opens a rank, from the first batch on
   */
  static Outcome measure(
      Target target,
      Callable<? extends BatchFeed.BatchProducer> survivor,
      Callable<? extends BatchFeed.RankReader> rank)
      throws Exception {
    sendHalfAndKill(target);
    try (BatchFeed.BatchProducer producer = survivor.call();
        BatchFeed.RankReader reader = rank.call()) {
      long begin = System.nanoTime();
      producer.send();
      producer.flush();
      long useful = reader.next();
      double seconds = (System.nanoTime() - begin) / 1e9;
      return new Outcome(seconds, (double) reader.received() / useful);
    }
  }

  private static void sendHalfAndKill(Target target) throws IOException, InterruptedException {
    Process process =
        JavaProcess.of(
                List.of(),
                HalfBatch.class.getName(),
                List.of(
                    target.kind(),
                    target.place(),
                    target.topic(),
                    Integer.toString(SHAPE.slots()),
                    Integer.toString(SHAPE.slotBytes())))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
      String line = said.readLine();
      while (line != null && !line.equals(HalfBatch.SENT)) {
        line = said.readLine();
      }
      if (line == null) {
        throw new IOException("the producer of half a batch ended: " + process.waitFor());
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }
}
