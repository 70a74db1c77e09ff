// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.colocated;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.bench.PythonProcess;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** The training loop, in a process of its own; it tells whether the right rows came. */
final class Loop implements Closeable {
  private final PythonProcess process;
  private final JsonNode cost;

  private Loop(PythonProcess process) throws IOException {
    this.process = process;
    this.cost = process.ask(Map.of("do", "cost"));
  }

  /** Starts it, and tokenizes each step once. */
  static Loop start(Path home, StepTexts texts) throws IOException {
    return new Loop(
        PythonProcess.start(
            home,
            Map.of(),
            "colocated.py",
            texts.folder(),
            texts.steps(),
            texts.writeVocabulary()));
  }

  /** Milliseconds that a worker takes to tokenize a step, undisturbed. */
  double stepMillis() {
    return cost.get("ms").asDouble();
  }

  /** Rows of all steps. */
  int rows() {
    return cost.get("rows").asInt();
  }

  /** The core that the loop does not run on. */
  int otherCore() {
    return cost.get("cores").get(1).asInt();
  }

  /**
   * How a DataLoader tokenizes.
   *
   * @param workers 0 for the loop's own process
   * @param cores 1 for the other core only, 2 for both
   */
  record Workers(int workers, int cores) {
    String display() {
      return workers == 0
          ? "no workers"
          : workers + (cores == 1 ? " on the other core" : " on both cores");
    }
  }

  /**
   * What a run of steps took.
   *
   * @param rate steps a second after the first one
   * @param millis of each step but the first
   * @param firstMillis until the first batch
   */
  record Run(double rate, List<Double> millis, double firstMillis) {}

  /** Trains with a DataLoader. */
  Run colocated(Workers workers, double computeMillis, int steps) throws IOException {
    return train(
        Map.of("cores", workers.cores(), "workers", workers.workers()), computeMillis, steps);
  }

  /** Trains from a stream, which may still be filled. */
  Run stream(Path root, int workers, double computeMillis, int steps) throws IOException {
    return train(Map.of("uri", root.toString(), "workers", workers), computeMillis, steps);
  }

  private Run train(Map<String, Object> feed, double computeMillis, int steps) throws IOException {
    Map<String, Object> request = new HashMap<>(feed);
    request.put("do", "train");
    request.put("compute_ms", computeMillis);
    request.put("steps", steps);
    JsonNode answer = process.ask(request);
    for (int step = 0; step < steps; step++) {
      if (!answer.get("sums").get(step).equals(cost.get("sums").get(step))) {
        throw new IOException("step " + step + " had other rows than the tokenizer makes, " + feed);
      }
    }
    return new Run(
        answer.get("rate").asDouble(),
        StreamSupport.stream(answer.get("millis").spliterator(), false)
            .map(JsonNode::asDouble)
            .toList(),
        answer.get("first").asDouble());
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
