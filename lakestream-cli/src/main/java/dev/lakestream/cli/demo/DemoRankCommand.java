// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

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
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * One rank of the demo, in Java: reads its share of each step and writes down what it got. A line
 * of the log is its checkpoint. The Python rank, {@code demo_rank.py}, does the same.
 */
@Command(name = DemoRankCommand.NAME, hidden = true, description = "One rank of the demo.")
public final class DemoRankCommand implements Callable<Integer> {
  static final String NAME = "demo-rank";
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  @Mixin private StreamArgument argument = new StreamArgument();

  @Option(names = "--log", required = true)
  private Path log = Path.of("");

  @Option(names = "--dp-rank", required = true)
  private int dpRank;

  @Option(names = "--dp-size", required = true)
  private int dpSize;

  @Option(names = "--cp-rank", required = true)
  private int cpRank;

  @Option(names = "--cp-size", required = true)
  private int cpSize;

  @Option(names = "--until", required = true)
  private long until;

  @Option(names = "--step-millis", required = true)
  private long stepMillis;

  @Override
  public Integer call() throws Exception {
    Topology topology =
        Topology.of(dpRank, dpSize).withContextParallel(cpRank, cpSize, Topology.Split.ZIGZAG);
    ReaderOptions options = ReaderOptions.defaults().withDeadline(DEADLINE);
    Optional<Cursor> cursor = resume();
    try (ObjectStore store = argument.openStore();
        BufferAllocator allocator = new RootAllocator();
        FileChannel out =
            FileChannel.open(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      LakeStream stream = LakeStream.open(store);
      try (StepReader reader =
          cursor.isPresent()
              ? StepReader.open(stream, topology, cursor.get(), options, allocator)
              : StepReader.open(stream, topology, 0, options, allocator)) {
        write(out, SealedJson.object().put("start", ProcessHandle.current().pid()));
        boolean more = true;
        while (more && reader.next()) {
          write(out, delivery(reader));
          more = reader.cursor().nextStep() < until;
          TimeUnit.MILLISECONDS.sleep(stepMillis);
        }
      }
    }
    return 0;
  }

  /**
   * The cursor of the last whole line, or else of the checkpoint to begin with; cuts off a torn
   * line.
   */
  private Optional<Cursor> resume() throws IOException {
    RankLog.cutTornLine(log);
    Optional<String> last = RankLog.read(log).lastCursor();
    return last.isPresent() ? last.map(Cursor::fromJson) : CursorFile.beside(log).read();
  }

  private static ObjectNode delivery(StepReader reader) throws IOException {
    ObjectNode line = SealedJson.object();
    line.put("step", reader.step());
    ArrayNode slots = line.putArray("slots");
    for (SlotBatch batch : reader.batches()) {
      ObjectNode slot = slots.addObject();
      slot.put("slot", batch.slot());
      addRows(batch.root(), slot.putArray("rows"));
    }
    return line.put("cursor", reader.cursor().toJson());
  }

  private static void addRows(VectorSchemaRoot root, ArrayNode rows) {
    BigIntVector ids = (BigIntVector) root.getVector("id");
    VarCharVector sources = (VarCharVector) root.getVector("source");
    for (int row = 0; row < root.getRowCount(); row++) {
      String digest =
          SampleDigest.of(
              ids.get(row),
              new String(sources.get(row), StandardCharsets.UTF_8),
              list(root.getVector("documents"), row),
              list(root.getVector("tokens"), row));
      rows.addArray().add(ids.get(row)).add(digest);
    }
  }

  /** The values of one row of a list column, as they lie in memory. */
  private static ByteBuffer list(FieldVector vector, int row) {
    if (vector instanceof FixedSizeListVector fixed) {
      ArrowBuf values = fixed.getDataVector().getDataBuffer();
      int bytes = fixed.getListSize() * Integer.BYTES;
      return values.nioBuffer((long) row * bytes, bytes);
    }
    ListVector list = (ListVector) vector;
    int begin = list.getElementStartIndex(row);
    int end = list.getElementEndIndex(row);
    return list.getDataVector()
        .getDataBuffer()
        .nioBuffer((long) begin * Integer.BYTES, (end - begin) * Integer.BYTES);
  }

  private static void write(FileChannel out, ObjectNode line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
