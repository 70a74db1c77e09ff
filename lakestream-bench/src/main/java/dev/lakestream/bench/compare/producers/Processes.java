// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.producers;

import dev.lakestream.bench.JavaProcess;
import dev.lakestream.bench.TokenBundles;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Producers that are processes, all on one new stream. */
final class Processes {
  private static final String HEAP = "-Xmx512m";
  private static final long LONGEST_WARM_UP_MILLIS = 15_000;

  private Processes() {}

  /**
   * What they reached together.
   *
   * @param stepsPerSecond visible, from the start until the last one's last step is
   * @param success attempts to commit that won ÷ attempts
   * @param fairness Jain's index over the steps that each of them brought
   */
  record Outcome(double stepsPerSecond, double success, double fairness) {}

  /**
   * Starts them, waits until all have opened their sessions and worked for a while, so that their
   * code is compiled and turns are found, and lets them work for a time.
   *
   * @param root where the stream begins
   * @param slotRows of 4 KiB, of each of the slots
   * @param ownPace whether they finish steps as fast as they can, in a store that answers at once;
   *     else at the simulation's pace, in a store as far away as the simulated one
   */
  static Outcome measure(
      String root, String policy, int producers, int slotRows, long millis, boolean ownPace)
      throws IOException, InterruptedException {
    try (ObjectStore store = ObjectStores.open(root, Map.of())) {
      LakeStream.create(
          store,
          StreamDefinition.of(
              TokenBundles.fields(ProducerProcess.ROW_TOKENS), ProducerProcess.SLOTS),
          Environment.system());
    }
    List<Process> processes = new ArrayList<>();
    try {
      for (int i = 0; i < producers; i++) {
        processes.add(
            JavaProcess.of(
                    List.of(HEAP),
                    ProducerProcess.class.getName(),
                    List.of(
                        root,
                        "p" + i,
                        policy,
                        Integer.toString(slotRows),
                        Long.toString(warmUpMillis(producers, millis)),
                        Long.toString(millis),
                        Boolean.toString(ownPace)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
      }
      List<BufferedReader> answers = processes.stream().map(Process::inputReader).toList();
      for (BufferedReader answer : answers) {
        await(answer, ProducerProcess.READY);
      }
      long begin = System.nanoTime();
      for (Process process : processes) {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
      }
      List<long[]> counts = new ArrayList<>();
      for (BufferedReader answer : answers) {
        counts.add(
            java.util.Arrays.stream(await(answer, ProducerProcess.DONE).split(" "))
                .mapToLong(Long::parseLong)
                .toArray());
      }
      return outcome(counts, (System.nanoTime() - begin) / 1e9);
    } finally {
      for (Process process : processes) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  /** The more of them share a processor, the longer it takes until the code of all is compiled. */
  private static long warmUpMillis(int producers, long millis) {
    long shared = Math.max(1, producers / Runtime.getRuntime().availableProcessors());
    return Math.min(LONGEST_WARM_UP_MILLIS, millis * shared);
  }

  private static String await(BufferedReader answers, String wanted) throws IOException {
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.startsWith(wanted)) {
        return line.substring(wanted.length());
      }
    }
    throw new IOException("a producer ended before it said '" + wanted.strip() + "'");
  }

  private static Outcome outcome(List<long[]> counts, double seconds) {
    double steps = 0;
    double squares = 0;
    double won = 0;
    double lost = 0;
    for (long[] count : counts) {
      steps += count[0];
      squares += (double) count[0] * count[0];
      won += count[1];
      lost += count[2];
    }
    return new Outcome(
        steps / seconds, won / (won + lost), steps * steps / (counts.size() * squares));
  }
}
