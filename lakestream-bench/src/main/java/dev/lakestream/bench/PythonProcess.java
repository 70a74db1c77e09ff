// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A script among the peers' Python packages, in a process of its own, which answers a line of JSON
 * with a line of JSON. What it says on standard error goes to ours.
 */
public final class PythonProcess implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final String name;
  private final BufferedReader answers;
  private final Writer requests;

  private PythonProcess(Process process, String name) {
    this.process = process;
    this.name = name;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.requests = process.outputWriter(StandardCharsets.UTF_8);
  }

  /** The interpreter that has the peers' packages; it need not exist. */
  public static Path interpreter(Path home) {
    return home.resolve("lakestream-python/target/compare/bin/python");
  }

  /**
   * Starts {@code src/main/python/SCRIPT}.
   *
   * @param home the clone
   * @param environment variables beside those of this process
   */
  public static PythonProcess start(
      Path home, Map<String, String> environment, String script, Object... arguments)
      throws IOException {
    if (!Files.isExecutable(interpreter(home))) {
      throw new IOException(
          interpreter(home)
              + " is not there: run lakestream-python/environment compare, which installs what"
              + " this benchmark compares with");
    }
    List<String> command = new ArrayList<>();
    command.add(interpreter(home).toString());
    command.add(home.resolve("lakestream-bench/src/main/python").resolve(script).toString());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    // Several of the peers warn of themselves, once in each of their processes.
    builder.environment().put("PYTHONWARNINGS", "ignore");
    builder.environment().putAll(environment);
    return new PythonProcess(
        builder.redirectError(ProcessBuilder.Redirect.INHERIT).start(), script);
  }

  /** Versions of the interpreter and of what is compared, as far as they are installed. */
  public static Map<String, String> versions() {
    Path home = Path.of(System.getProperty("lakestream.home", "."));
    Map<String, String> versions = new LinkedHashMap<>();
    try {
      run(home, Map.of(), "loaders.py", "versions")
          .properties()
          .forEach(field -> versions.put(field.getKey(), field.getValue().asText()));
    } catch (IOException e) {
      versions.put("python", String.valueOf(e.getMessage()));
    }
    return versions;
  }

  /** Runs a script that answers once and ends. */
  public static JsonNode run(
      Path home, Map<String, String> environment, String script, Object... arguments)
      throws IOException {
    try (PythonProcess process = start(home, environment, script, arguments)) {
      return process.answer();
    }
  }

  /** Asks, and waits for the answer. */
  public JsonNode ask(Map<String, ?> request) throws IOException {
    requests.write(JSON.writeValueAsString(request) + "\n");
    requests.flush();
    return answer();
  }

  /** Waits for the next line. */
  public JsonNode answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException(name + " ended instead of answering; what it said is above");
    }
    return JSON.readTree(line);
  }

  @Override
  public void close() throws IOException {
    // Who waits for a request ends with its input; the others have answered, and are to be rid of.
    requests.close();
    process.destroy();
  }
}
