// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.fork.ForkListing;
import dev.lakestream.fork.Forks;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.StreamDocument;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream forks}. */
@Command(
    name = "forks",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the forks of a stream, or deletes one.",
      "A deletion removes all steps of the fork's own, for ever; stop its readers and writers first. It can be"
          + " repeated if it was interrupted, and clears what a fork left that was never finished."
    })
final class ForksCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(names = "--delete", paramLabel = "NAME", description = "Delete this fork.")
  private Optional<String> deleted = Optional.empty();

  @Override
  public Integer call() throws Exception {
    return argument.use(
        stream -> deleted.isPresent() ? delete(stream, deleted.get()) : list(stream));
  }

  private int delete(LakeStream stream, String name) throws IOException {
    new Forks(stream).delete(name);
    output.print(
        SealedJson.object().put("uri", argument.uri()).put("deleted", name),
        out -> out.println("deleted the fork " + name + "; its parent need not keep its steps"));
    return 0;
  }

  private int list(LakeStream stream) throws IOException {
    TextTable table = new TextTable("fork", "state", "first own step", "version", "created", "id");
    for (ForkListing fork : new Forks(stream).list()) {
      String state = fork.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
      if (output.isJson()) {
        ObjectNode json = SealedJson.object().put("name", fork.name()).put("state", state);
        fork.document().ifPresent(document -> describe(document, json));
        output.line(json);
      } else {
        Optional<StreamDocument> document = fork.document();
        table.row(
            fork.name(),
            state,
            document.flatMap(StreamDocument::fork).map(at -> at.step() + "").orElse(""),
            document.flatMap(StreamDocument::fork).map(at -> at.version() + "").orElse(""),
            document.map(known -> StreamJson.time(known.created())).orElse(""),
            document.map(known -> known.id().toString()).orElse(""));
      }
    }
    if (!output.isJson()) {
      table.print(output.out());
      output.out().flush();
    }
    return 0;
  }

  private static void describe(StreamDocument document, ObjectNode json) {
    json.put("id", document.id().toString()).put("created", StreamJson.time(document.created()));
    document
        .fork()
        .ifPresent(origin -> json.put("version", origin.version()).put("step", origin.step()));
  }
}
