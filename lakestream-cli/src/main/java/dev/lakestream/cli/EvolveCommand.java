// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.Action;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.SchemaText;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream evolve}. */
@Command(
    name = "evolve",
    mixinStandardHelpOptions = true,
    description = {
      "Adds nullable columns to the stream's schema.",
      "Steps that were committed before are delivered as they are, without the columns. Steps that are committed"
          + " from now on have them; null where a producer still writes without.",
      "Columns can't be removed, renamed or changed."
    },
    footer = {"", "Example:", "  lakestream evolve /data/stream --add 'score: float32'"})
final class EvolveCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(
      names = "--add",
      required = true,
      paramLabel = "COLUMNS",
      description =
          "The new columns: name: type, name: type, … They are nullable, with ? or without.")
  private String columns = "";

  @Override
  public Integer call() throws Exception {
    return argument.use(this::evolve);
  }

  private int evolve(LakeStream stream) throws IOException, InterruptedException {
    StreamSchema former = stream.state().schema();
    List<Field> fields = new ArrayList<>(former.fields());
    List<Field> added =
        SchemaText.parse(columns).stream()
            .map(field -> Field.nullable(field.name(), field.type()))
            .toList();
    fields.addAll(added);
    StreamSchema schema =
        new StreamSchema(former.id() + 1, fields, former.sequence(), former.boundaries());
    Optional<String> problem = schema.problem().or(() -> former.problemOfEvolution(schema));
    if (problem.isPresent()) {
      throw new InvalidRequestException("the columns can't be added: " + problem.get());
    }
    long version = new StreamControl(stream).commit(new Action.AddSchema(schema));
    ObjectNode json =
        SealedJson.object()
            .put("uri", argument.uri())
            .put("version", version)
            .put("schema", schema.id())
            .put("first_step", stream.state().nextStep());
    output.print(
        json,
        out ->
            out.println(
                "schema "
                    + schema.id()
                    + " adds "
                    + String.join(", ", added.stream().map(Field::name).toList())
                    + " to the steps from "
                    + stream.state().nextStep()
                    + " on"));
    return 0;
  }
}
