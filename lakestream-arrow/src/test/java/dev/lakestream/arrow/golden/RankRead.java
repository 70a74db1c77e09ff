// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.golden;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.RowDigest;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.format.Digest;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.StreamState;
import dev.lakestream.reader.Topology;
import dev.lakestream.reader.Topology.Documents;
import dev.lakestream.reader.Topology.Split;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * What one rank reads of a golden stream, as {@code expected.json} says it: for each step and slot
 * the rows, and the SHA-256 over their digests, each in hex and with a line feed.
 */
record RankRead(Topology topology) {
  private static final String AS_DECLARED = "declared";
  private static final String WHOLE = "whole";

  /** The topology that a read in {@code expected.json} has. */
  static RankRead of(JsonNode json) {
    Topology ranks =
        Topology.of(json.get("dp_rank").intValue(), json.get("dp_size").intValue())
            .withContextParallel(
                json.get("cp_rank").intValue(),
                json.get("cp_size").intValue(),
                Split.valueOf(json.get("split").textValue().toUpperCase(Locale.ROOT)));
    JsonNode documents = json.get("documents");
    if (documents.isNull() || documents.textValue().equals(AS_DECLARED)) {
      return new RankRead(ranks);
    }
    return new RankRead(
        documents.textValue().equals(WHOLE)
            ? ranks.wholeSequences()
            : ranks.perDocument(documents.textValue()));
  }

  /** Reads all readable steps of the stream. */
  ObjectNode describe(LakeStream stream, BufferAllocator allocator)
      throws IOException, InterruptedException {
    ObjectNode json =
        SealedJson.object()
            .put("dp_rank", topology.dpRank())
            .put("dp_size", topology.dpSize())
            .put("cp_rank", topology.cpRank())
            .put("cp_size", topology.cpSize())
            .put("split", topology.split().name().toLowerCase(Locale.ROOT))
            .put("documents", documents());
    ArrayNode steps = json.putArray("steps");
    StreamState state = stream.state();
    ReaderOptions options = ReaderOptions.defaults().withDeadline(Duration.ZERO);
    try (StepReader reader =
        StepReader.open(stream, topology, state.firstReadable(), options, allocator)) {
      for (long step = state.firstReadable(); step < state.nextStep(); step++) {
        if (!reader.next()) {
          throw new IllegalStateException("the stream ends before step " + step);
        }
        ArrayNode slots = steps.addObject().put("step", reader.step()).putArray("slots");
        for (SlotBatch batch : reader.batches()) {
          slots
              .addObject()
              .put("slot", batch.slot())
              .put("rows", batch.root().getRowCount())
              .put("digest", digest(batch.root()).hex());
        }
      }
    }
    return json;
  }

  /** How sequences are cut; nothing is where each rank gets whole ones. */
  private String documents() {
    if (topology.documents() instanceof Documents.StartingAt column) {
      return column.column();
    } else if (topology.documents() instanceof Documents.Ignored) {
      return WHOLE;
    }
    return topology.cpSize() == 1 ? null : AS_DECLARED;
  }

  private static Digest digest(VectorSchemaRoot rows) {
    StringBuilder digests = new StringBuilder();
    RowDigest.of(rows).forEach(row -> digests.append(row.hex()).append('\n'));
    return Digest.of(digests.toString().getBytes(UTF_8));
  }
}
