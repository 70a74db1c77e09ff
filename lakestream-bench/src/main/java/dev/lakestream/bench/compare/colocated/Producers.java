// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.colocated;

import dev.lakestream.bench.JavaProcess;
import dev.lakestream.bench.PythonProcess;
import dev.lakestream.bench.TokenBundles;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The process that tokenizes into streams, on a core of its own. */
final class Producers implements Closeable {
  private final Process process;
  private final BufferedReader answers;
  private final Writer requests;
  private final double stepMillis;

  private Producers(Process process) throws IOException {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.requests = process.outputWriter(StandardCharsets.UTF_8);
    try {
      this.stepMillis = await();
    } catch (IOException e) {
      process.destroy();
      throw e;
    }
  }

  /** Starts it and waits until it is warm. */
  static Producers start(Path home, StepTexts texts, int core) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(PythonProcess.interpreter(home).toString());
    command.add(home.resolve("lakestream-bench/src/main/python/pinned.py").toString());
    command.add(Integer.toString(core));
    command.addAll(
        JavaProcess.of(
                List.of("-Xmx1g"),
                TokenizingProducer.class.getName(),
                List.of(texts.folder().toString(), Integer.toString(texts.steps())))
            .command());
    return new Producers(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** What it takes to tokenize a step. */
  double stepMillis() {
    return stepMillis;
  }

  /** Creates a stream and begins to fill it. */
  void begin(Path root) throws IOException {
    try (ObjectStore store = LocalObjectStore.at(root, LocalObjectStore.Durability.SYNC)) {
      LakeStream.create(
          store,
          StreamDefinition.of(TokenBundles.fields(StepTexts.ROW_TOKENS), 1),
          Environment.system());
    }
    requests.write(root + "\n");
    requests.flush();
  }

  /** Waits until the stream is full; how many seconds that took in all. */
  double await() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the producer ended; what it said is above");
    }
    return Double.parseDouble(line);
  }

  @Override
  public void close() throws IOException {
    requests.close();
    process.destroy();
  }
}
