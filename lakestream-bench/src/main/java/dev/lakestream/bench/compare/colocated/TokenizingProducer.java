// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.colocated;

import dev.lakestream.bench.RowBundle;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A producer, as a process of its own: for each line of input, which names a stream, it tokenizes
 * all steps and appends them, and says how many seconds that took. It has run long enough before
 * the first one that its code is compiled, as in a producer that runs for days.
 */
final class TokenizingProducer {
  private static final int STEPS_OF_A_BUNDLE = 4;
  private static final long WARM_UP_NANOS = 6_000_000_000L;

  private TokenizingProducer() {}

  /** {@code FOLDER STEPS}: those of the texts. */
  public static void main(String[] arguments) throws Exception {
    StepTexts texts = new StepTexts(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
    say(warmUp(texts));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String root = lines.readLine(); root != null; root = lines.readLine()) {
        long begin = System.nanoTime();
        produce(texts, Path.of(root));
        say((System.nanoTime() - begin) / 1e9);
      }
    }
  }

  /** Returns the milliseconds of a step at the end, without writing it. */
  private static double warmUp(StepTexts texts) throws IOException {
    long begin = System.nanoTime();
    double millis;
    do {
      long pass = System.nanoTime();
      for (int step = 0; step < texts.steps(); step++) {
        texts.tokens(step);
      }
      millis = (System.nanoTime() - pass) / 1e6 / texts.steps();
    } while (System.nanoTime() - begin < WARM_UP_NANOS);
    return millis;
  }

  /** Tokenizes the next bundle while the last one is made durable and committed. */
  private static void produce(StepTexts texts, Path root) throws Exception {
    ExecutorService commits = Executors.newSingleThreadExecutor();
    try (ObjectStore store = LocalObjectStore.at(root, LocalObjectStore.Durability.SYNC)) {
      LakeStream stream = LakeStream.open(store);
      ProducerSession session = ProducerSession.open(stream, "tokenizer");
      Future<?> last = CompletableFuture.completedFuture(null);
      for (int first = 0; first < texts.steps(); first += STEPS_OF_A_BUNDLE) {
        RowBundle bundle = new RowBundle(stream, session, StepTexts.ROW_TOKENS, 1);
        int end = Math.min(texts.steps(), first + STEPS_OF_A_BUNDLE);
        for (int step = first; step < end; step++) {
          bundle.add(step - first, 0, texts.tokens(step));
        }
        last.get();
        last =
            commits.submit(
                () -> {
                  try (bundle) {
                    return session.commit(bundle.finish());
                  }
                });
      }
      last.get();
    } finally {
      commits.shutdownNow();
    }
  }

  private static void say(double figure) {
    System.out.println(figure);
  }
}
