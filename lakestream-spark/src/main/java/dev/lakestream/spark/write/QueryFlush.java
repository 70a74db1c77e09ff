// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.ProducerState;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.spark.vector.SparkSchemas;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Has the rows that a streaming query carries become a last step, while the query does not run.
 * Should it run, it is fenced (invariant 6): it fails at its next commit, and goes on from this one
 * when it is started again.
 */
public final class QueryFlush {
  private QueryFlush() {}

  /**
   * Ends the query as its own end would have.
   *
   * @param stream as of a look
   * @param address the options that say where it is
   * @param remainder what becomes of the rows: keep, pad or drop
   * @return empty if the query carries no rows; then nothing has happened, and nobody is fenced
   * @throws InvalidRequestException if the producer is no streaming query
   */
  public static Optional<FlushedRows> run(
      LakeStream stream, Map<String, String> address, String producer, String remainder)
      throws IOException, InterruptedException {
    ProducerState found =
        stream
            .producer(producer)
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        "the stream has no producer '"
                            + producer
                            + "': the table of its producers tells which carry rows, as"
                            + " attachments"));
    EpochState state = state(producer, found.state());
    if (found.attachments().isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> given = new HashMap<>(address);
    given.putAll(state.form());
    given.put("producer", producer);
    given.put("remainder", remainder);
    WriteOptions options = WriteOptions.of(given);
    WriteTarget target =
        WriteTarget.of(options, SparkSchemas.struct(stream.state().schema().fields()));
    try (QueryRun run = QueryRun.open(options, target, state.query())) {
      run.begin(target);
      return run.end();
    }
  }

  private static EpochState state(String producer, String text) {
    EpochState state;
    try {
      state = EpochState.parsed(text);
    } catch (CorruptObjectException e) {
      throw new InvalidRequestException(
          "producer '" + producer + "' is no streaming query, its state is " + text, e);
    }
    if (state.form().isEmpty()) {
      throw new InvalidRequestException(
          "producer '"
              + producer
              + "' does not say how it writes: start the query once more, with the option"
              + " 'remainder'");
    }
    return state;
  }
}
