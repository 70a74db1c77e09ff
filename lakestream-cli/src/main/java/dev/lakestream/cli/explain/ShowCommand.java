// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.cli.Output;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.cli.StreamJson;
import dev.lakestream.cli.TextTable;
import dev.lakestream.reader.Topology;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lakestream show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = {
      "Shows one step: who committed it, where its cells are, its slots and first rows.",
      "'lakestream explain' tells more of it, and what a single rank got."
    })
public final class ShowCommand implements Callable<Integer> {
  private static final int WIDTH = 100;

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
    json.set("cells", StepParts.cells(group, step));
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
          RowJson.add(batch, rows, shown);
        }
      }
    }
    return json;
  }

  private static void print(ObjectNode json, PrintWriter out) {
    StepText.printMembers(json, out);
    out.println();
    TextTable.of(json.get("cells")).print(out);
    out.println();
    TextTable.of(json.get("slot_counts")).print(out);
    RowJson.print(json.get("first_rows"), WIDTH, out);
  }
}
