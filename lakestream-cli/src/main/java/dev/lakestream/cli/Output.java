// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/**
 * What a command says: text for people, or with {@code --json} one JSON object a line for programs.
 */
public final class Output {
  private static final ObjectWriter JSON = new JsonMapper().writer();

  @Option(names = "--json", description = "Print JSON, one object a line, instead of text.")
  private boolean json;

  @Spec(Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  /** Whether programs are listening. */
  public boolean isJson() {
    return json;
  }

  /** Prints an object, or the text that says the same. */
  public void print(JsonNode object, Consumer<PrintWriter> text) {
    if (json) {
      line(object);
    } else {
      text.accept(out());
      out().flush();
    }
  }

  /** Prints an object as a line of its own. */
  public void line(JsonNode object) {
    try {
      out().println(JSON.writeValueAsString(object));
      out().flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree of our own could not be written", e);
    }
  }

  /** Where results go. */
  public PrintWriter out() {
    return command.commandLine().getOut();
  }

  /** Where everything goes that is no result: progress, warnings. */
  public PrintWriter err() {
    return command.commandLine().getErr();
  }
}
