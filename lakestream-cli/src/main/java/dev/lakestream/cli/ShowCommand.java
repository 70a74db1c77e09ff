// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.reader.Topology;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lakestream show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description =
        "Shows one step: who committed it, where its cells are, its slots and first rows.")
final class ShowCommand implements Callable<Integer> {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int MAX_TEXT = 100;

  @Mixin private StreamArgument argument = new StreamArgument();

  @Parameters(index = "1", paramLabel = "STEP", description = "Which step.")
  private long step;

  @Option(
      names = "--slot",
      description = "Rows of this slot only. Default: of the first slot that has any.")
  private Optional<Integer> onlySlot = Optional.empty();

  @Option(names = "--rows", defaultValue = "3", description = "How many rows. Default: 3.")
  private int rows;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    ObjectNode json = argument.use(this::show);
    output.print(json, out -> print(json, out));
    return 0;
  }

  private ObjectNode show(LakeStream stream) throws IOException, InterruptedException {
    CommittedGroup group = stream.groupOf(step);
    ObjectNode json = StreamJson.step(group, step);
    ArrayNode sources = json.putArray("cells");
    for (CellSource source : group.sources(step)) {
      sources
          .addObject()
          .put("bundle", source.bundle().key().value())
          .put("first_slot", source.slot())
          .put("slots", source.count())
          .put("bundle_slot", source.bundleSlot())
          .put("bundle_step", source.bundleStep());
    }
    ReaderOptions options = ReaderOptions.defaults().withDeadline(Duration.ZERO);
    try (BufferAllocator allocator = new RootAllocator();
        StepReader reader = StepReader.open(stream, Topology.whole(), step, options, allocator)) {
      reader.next();
      ArrayNode slots = json.putArray("slot_counts");
      ArrayNode shown = json.putArray("first_rows");
      for (SlotBatch batch : reader.batches()) {
        slots
            .addObject()
            .put("slot", batch.slot())
            .put("rows", batch.root().getRowCount())
            .put("tokens", batch.tokens());
        if (onlySlot.isPresent() ? onlySlot.get() == batch.slot() : shown.isEmpty()) {
          addRows(batch, shown);
        }
      }
    }
    return json;
  }

  private void addRows(SlotBatch batch, ArrayNode shown) {
    for (int row = 0; row < Math.min(rows, batch.root().getRowCount()); row++) {
      ObjectNode object = shown.addObject();
      object.put("_slot", batch.slot());
      for (FieldVector vector : batch.root().getFieldVectors()) {
        object.set(vector.getName(), value(vector, row));
      }
    }
  }

  /** Arrow's own text of a value, as JSON where it is JSON. */
  private static JsonNode value(FieldVector vector, int row) {
    Object value = vector.isNull(row) ? null : vector.getObject(row);
    if (value instanceof Number || value instanceof Boolean || value == null) {
      return MAPPER.valueToTree(value);
    }
    String text = value instanceof byte[] bytes ? bytes.length + " bytes" : value.toString();
    try {
      return text.startsWith("[") || text.startsWith("{")
          ? MAPPER.readTree(text)
          : MAPPER.valueToTree(text);
    } catch (JsonProcessingException e) {
      return MAPPER.valueToTree(text);
    }
  }

  private static void print(ObjectNode json, PrintWriter out) {
    for (Map.Entry<String, JsonNode> member : json.properties()) {
      if (member.getValue().isValueNode()) {
        out.printf("%-15s %s%n", member.getKey(), member.getValue().asText());
      } else if (member.getKey().equals("sources") || member.getKey().equals("attributes")) {
        out.printf("%-15s %s%n", member.getKey(), member.getValue());
      }
    }
    out.println();
    table(json.get("cells"), out);
    out.println();
    table(json.get("slot_counts"), out);
    for (JsonNode row : json.get("first_rows")) {
      out.println();
      row.properties()
          .forEach(
              member -> out.printf("%-15s %s%n", member.getKey(), shortened(member.getValue())));
    }
  }

  private static void table(JsonNode objects, PrintWriter out) {
    if (objects.isEmpty()) {
      return;
    }
    Iterator<String> names = objects.get(0).fieldNames();
    List<String> heads = new ArrayList<>();
    names.forEachRemaining(heads::add);
    TextTable table = new TextTable(heads.toArray(String[]::new));
    for (JsonNode object : objects) {
      table.row(heads.stream().map(head -> object.get(head).asText()).toArray());
    }
    table.print(out);
  }

  private static String shortened(JsonNode value) {
    String text = value.isTextual() ? value.textValue() : value.toString();
    return text.length() <= MAX_TEXT
        ? text
        : text.substring(0, MAX_TEXT) + "… (" + text.length() + " characters)";
  }
}
