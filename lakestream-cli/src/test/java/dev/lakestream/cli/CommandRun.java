// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** What a command said and how it ended, when it was run in this process. */
public record CommandRun(int exit, String out, String err) {
  private static final JsonMapper JSON = new JsonMapper();

  /** Runs a command line. */
  public static CommandRun of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new CommandRun(exit, out.toString(), err.toString());
  }

  /** The lines of JSON that it printed. */
  public List<JsonNode> lines() throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    for (String line : out.lines().toList()) {
      objects.add(JSON.readTree(line));
    }
    return objects;
  }

  /** The JSON that it printed; fails if it failed. */
  public JsonNode json() throws IOException {
    assertThat(exit).as(err + out).isZero();
    return JSON.readTree(out);
  }

  /** Fails unless it failed with one line of an error that says this. */
  public void assertError(String message) {
    assertThat(exit).isOne();
    assertThat(err).startsWith("error: ").contains(message).hasLineCount(1);
    assertThat(out).isEmpty();
  }
}
