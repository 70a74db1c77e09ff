// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.schema.SchemaText;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream create}. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    description = "Creates an empty stream.",
    footer = {
      "",
      "Example:",
      "  lakestream create /data/stream --slots 64 \\",
      "    --schema 'tokens: fixed_size_list<int32>[2048], documents: list<int32>' \\",
      "    --sequence tokens --boundaries documents",
      "",
      "A type ends with ? if the column is nullable. Spark creates the stream by itself when it first",
      "writes to one that does not exist."
    })
final class CreateCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(
      names = "--schema",
      required = true,
      description = "The columns: name: type, name: type, …")
  private String schema = "";

  @Option(
      names = "--slots",
      required = true,
      description =
          "Row partitions of a step: as a rule ranks × micro-batches per rank. A dp size must divide them,"
              + " so choose a number with many divisors.")
  private int slots;

  @Option(
      names = "--pieces",
      defaultValue = "1",
      description = "Parts of each slot along the sequence, for context parallelism. Default: 1.")
  private int pieces;

  @Option(
      names = "--sequence",
      split = ",",
      description = "Columns that context parallelism divides.")
  private List<String> sequence = List.of();

  @Option(
      names = "--boundaries",
      description = "The column (list<int32>) with the starts of documents and then the length.")
  private Optional<String> boundaries = Optional.empty();

  @Override
  public Integer call() throws Exception {
    try (ObjectStore store = argument.openStore()) {
      StreamDefinition definition =
          new StreamDefinition(SchemaText.parse(schema), slots, pieces, sequence, boundaries);
      LakeStream stream = LakeStream.create(store, definition, Environment.system());
      ObjectNode json = StreamJson.stream(argument.uri(), stream);
      output.print(
          json, out -> out.println("created stream " + stream.id() + " at " + argument.uri()));
      return 0;
    }
  }
}
