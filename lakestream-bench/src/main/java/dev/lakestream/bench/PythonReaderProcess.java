// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The Python reader in a process of its own, which measures a pass whenever it is asked. */
final class PythonReaderProcess implements Closeable {
  private final Process process;
  private final BufferedReader answers;
  private final Writer requests;

  private PythonReaderProcess(Process process) {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.requests = process.outputWriter(StandardCharsets.UTF_8);
  }

  static PythonReaderProcess start(Path home, Path stream, int dpSize, int passes)
      throws IOException {
    List<String> command =
        List.of(
            home.resolve("lakestream-python/target/venv/bin/python").toString(),
            home.resolve("lakestream-bench/src/main/python/read_local.py").toString(),
            stream.toString(),
            Integer.toString(dpSize),
            Integer.toString(passes));
    return new PythonReaderProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /**
   * What the passes took.
   *
   * @param reader seconds of the reader
   * @param bareCalls seconds of the calls of the kernel, the checksum and Arrow alone
   */
  record Seconds(double reader, double bareCalls) {}

  /** Seconds that the passes took, measured in the process. */
  Seconds measure() throws IOException {
    requests.write("go\n");
    requests.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the Python reader ended instead of answering");
    }
    int gap = answer.indexOf(' ');
    return new Seconds(
        Double.parseDouble(answer.substring(0, gap)), Double.parseDouble(answer.substring(gap)));
  }

  @Override
  public void close() throws IOException {
    requests.close();
    process.destroy();
  }
}
