// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.loaders;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.bench.PythonProcess;
import dev.lakestream.bench.RowBundle;
import dev.lakestream.bench.TokenBundles;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Rows of tokens in every loader's own format, in one folder. A row's first token is its number.
 *
 * @param root of all of them
 * @param rows a multiple of {@link #STEP_ROWS}
 * @param sum of all tokens
 * @param digest of all rows, in any order
 */
record Corpus(Path root, int rows, long sum, long digest) {
  /** As {@code loader_kinds.py} has it. */
  static final int STEP_ROWS = 256;

  private static final int ROW_TOKENS = 2048;
  private static final int SLOTS = 8;

  /** Steps of 2 MiB in bundles of 32 MiB. */
  private static final int STEPS_OF_A_BUNDLE = 16;

  /** Makes one of at least two steps. */
  static Corpus write(Path home, Path root, int wantedRows)
      throws IOException, InterruptedException {
    int rows = Math.max(2, wantedRows / STEP_ROWS) * STEP_ROWS;
    Files.createDirectories(root);
    JsonNode made = PythonProcess.run(home, Map.of(), "loaders.py", "corpus", root, rows);
    writeStream(root, rows);
    return new Corpus(root, rows, made.get("sum").asLong(), made.get("digest").asLong());
  }

  /** Bytes of the tokens. */
  long bytes() {
    return (long) rows * ROW_TOKENS * Integer.BYTES;
  }

  private static void writeStream(Path root, int rows) throws IOException, InterruptedException {
    int slotTokens = STEP_ROWS / SLOTS * ROW_TOKENS;
    int steps = rows / STEP_ROWS;
    try (FileChannel file = FileChannel.open(root.resolve("tokens.bin"));
        ObjectStore store =
            LocalObjectStore.at(root.resolve("stream"), LocalObjectStore.Durability.PROCESS)) {
      IntBuffer tokens =
          file.map(FileChannel.MapMode.READ_ONLY, 0, file.size())
              .order(ByteOrder.LITTLE_ENDIAN)
              .asIntBuffer();
      LakeStream stream =
          LakeStream.create(
              store,
              StreamDefinition.of(TokenBundles.fields(ROW_TOKENS), SLOTS),
              Environment.system());
      ProducerSession session = ProducerSession.open(stream, "corpus");
      for (int first = 0; first < steps; first += STEPS_OF_A_BUNDLE) {
        try (RowBundle bundle = new RowBundle(stream, session, ROW_TOKENS, SLOTS)) {
          for (int step = first; step < Math.min(steps, first + STEPS_OF_A_BUNDLE); step++) {
            for (int slot = 0; slot < SLOTS; slot++) {
              int begin = (step * SLOTS + slot) * slotTokens;
              bundle.add(step - first, slot, tokens.slice(begin, slotTokens));
            }
          }
          session.commit(bundle.finish());
        }
      }
    }
  }
}
