// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.loaders;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.bench.PythonProcess;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** One loader over a corpus, in a process of its own that has imported all that it needs. */
final class LoaderProcess implements Closeable {
  private final String kind;
  private final Corpus corpus;
  private final PythonProcess process;
  private int workers;

  private LoaderProcess(String kind, Corpus corpus, PythonProcess process) {
    this.kind = kind;
    this.corpus = corpus;
    this.process = process;
  }

  /**
   * Starts one, and chooses its number of workers by a pass with each.
   *
   * @throws IOException if a pass does not bring every row once, unchanged
   */
  static LoaderProcess start(Path home, String kind, Corpus corpus, int... workers)
      throws IOException {
    LoaderProcess loader =
        new LoaderProcess(
            kind,
            corpus,
            PythonProcess.start(
                home, Map.of(), "loaders.py", "serve", kind, corpus.root(), corpus.rows()));
    try {
      loader.ask(workers[0], Map.of("digest", true));
      double best = 0;
      for (int count : workers) {
        double rate = loader.ask(count, Map.of()).get("rate").asDouble();
        if (rate > best) {
          best = rate;
          loader.workers = count;
        }
      }
      return loader;
    } catch (IOException e) {
      loader.close();
      throw e;
    }
  }

  String kind() {
    return kind;
  }

  /** Worker processes, as many as were fastest. */
  int workers() {
    return workers;
  }

  /** A pass over all rows; checks that each came once. */
  Pass pass() throws IOException {
    JsonNode answer = ask(workers, Map.of());
    return new Pass(answer.get("first").asDouble(), answer.get("rate").asDouble());
  }

  /** Milliseconds from nothing to the first batch after so many steps. */
  double resume(int steps) throws IOException {
    return ask(workers, Map.of("steps", steps, "only_first", true)).get("first").asDouble();
  }

  private JsonNode ask(int workers, Map<String, Object> request) throws IOException {
    Map<String, Object> full = new HashMap<>(request);
    full.put("workers", workers);
    JsonNode answer = process.ask(full);
    if (!request.containsKey("only_first")) {
      require("rows", corpus.rows(), answer);
      require("different rows", corpus.rows(), answer);
      require("sum", corpus.sum(), answer);
      if (request.containsKey("digest")) {
        require("digest", corpus.digest(), answer);
      }
    }
    return answer;
  }

  private void require(String what, long expected, JsonNode answer) throws IOException {
    if (answer.get(what).asLong() != expected) {
      throw new IOException(
          "%s delivered other rows than there are: %s is %d instead of %d"
              .formatted(kind, what, answer.get(what).asLong(), expected));
    }
  }

  @Override
  public void close() throws IOException {
    process.close();
  }

  /**
   * What a pass took.
   *
   * @param firstMillis from nothing to the first batch
   * @param rate rows a second after that
   */
  record Pass(double firstMillis, double rate) {}
}
