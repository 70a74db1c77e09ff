// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.retention.PinListing;
import dev.lakestream.retention.Pins;
import dev.lakestream.snapshot.Snapshots;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lakestream describe}. */
@Command(
    name = "describe",
    mixinStandardHelpOptions = true,
    description = "Says what a stream is: columns, slots, totals, producers, skips, pins.")
final class DescribeCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    ObjectNode json = argument.use(this::describe);
    output.print(json, out -> print(json, out));
    return 0;
  }

  private ObjectNode describe(LakeStream stream) throws IOException {
    ObjectNode json = StreamJson.stream(argument.uri(), stream);
    PinListing pins = new Pins(stream).list();
    return json.put("horizon", new Snapshots(stream.store(), stream.id()).horizon())
        .put("pins", pins.pins().size() + pins.broken().size());
  }

  private static void print(ObjectNode json, PrintWriter out) {
    for (String member :
        new String[] {
          "uri",
          "id",
          "created",
          "version",
          "last_commit",
          "steps",
          "first_readable",
          "pins",
          "horizon",
          "rows",
          "tokens",
          "slots",
          "pieces",
          "sequence",
          "boundaries",
          "sealed"
        }) {
      if (json.has(member)) {
        JsonNode value = json.get(member);
        out.printf("%-15s %s%n", member, value.isValueNode() ? value.asText() : value);
      }
    }
    out.println();
    TextTable columns = new TextTable("column", "type");
    json.get("columns").forEach(column -> columns.row(text(column, "name"), text(column, "type")));
    columns.print(out);
    if (!json.get("producers").isEmpty()) {
      out.println();
      TextTable producers =
          new TextTable("producer", "epoch", "sequence", "last commit", "attachments", "retired");
      json.get("producers")
          .forEach(
              producer ->
                  producers.row(
                      text(producer, "id"),
                      text(producer, "epoch"),
                      text(producer, "sequence"),
                      text(producer, "last_commit"),
                      producer.get("attachments").size(),
                      text(producer, "retired")));
      producers.print(out);
    }
    if (!json.get("skips").isEmpty()) {
      out.println();
      TextTable skips = new TextTable("skip from", "to", "version", "reason");
      json.get("skips")
          .forEach(
              skip ->
                  skips.row(
                      text(skip, "from"),
                      text(skip, "to"),
                      text(skip, "version"),
                      text(skip, "reason")));
      skips.print(out);
    }
  }

  private static String text(JsonNode object, String member) {
    return object.get(member).asText();
  }
}
