// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.format.SealedJson;
import dev.lakestream.reader.Cursor;
import dev.lakestream.reader.Topology;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * One reader process, in Java: reads its share of each step, looks at every value, and writes down
 * which rows it got. A line of its journal is its checkpoint. {@code torture_reader.py} does the
 * same.
 */
@Command(
    name = TortureReaderCommand.NAME,
    hidden = true,
    description = "One reader of the torture.")
public final class TortureReaderCommand implements Callable<Integer> {
  static final String NAME = "torture-reader";
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final long PREFETCH = 1 << 20;
  private static final int STEPS_BETWEEN_PINS = 20;

  @Mixin private StreamArgument argument = new StreamArgument();

  @Option(names = "--rank", required = true)
  private int rank;

  @Option(names = "--size", required = true)
  private int size;

  @Option(names = "--journal", required = true)
  private Path journal = Path.of("");

  @Override
  public Integer call() throws Exception {
    Topology topology = Topology.of(rank, size);
    ReaderOptions options =
        ReaderOptions.defaults().withDeadline(DEADLINE).withPrefetchBytes(PREFETCH);
    try (Journal lines = Journal.append(journal);
        ObjectStore store = argument.openStore();
        BufferAllocator allocator = new RootAllocator()) {
      Optional<Cursor> cursor =
          Journal.last(journal).map(line -> Cursor.fromJson(line.required("cursor").textValue()));
      LakeStream stream = LakeStream.open(store);
      try (StepReader reader =
          cursor.isPresent()
              ? StepReader.open(stream, topology, cursor.get(), options, allocator)
              : StepReader.open(stream, topology, 0, options, allocator)) {
        ReaderPins pins = new ReaderPins(stream, rank);
        while (reader.next()) {
          lines.write(delivery(reader));
          // A line is a checkpoint, and the pin one that is not newer.
          if (reader.step() % STEPS_BETWEEN_PINS == 0) {
            pins.moveTo(reader.step() + 1);
          }
        }
      }
    }
    return 0;
  }

  private static ObjectNode delivery(StepReader reader) throws IOException {
    ObjectNode line = SealedJson.object().put("step", reader.step());
    ArrayNode slots = line.putArray("slots");
    for (SlotBatch batch : reader.batches()) {
      DeliveredSlot slot = SourceRows.read(batch.slot(), batch.root());
      slots.addArray().add(slot.slot()).add(slot.producer()).add(slot.firstRow()).add(slot.rows());
    }
    return line.put("cursor", reader.cursor().toJson());
  }
}
