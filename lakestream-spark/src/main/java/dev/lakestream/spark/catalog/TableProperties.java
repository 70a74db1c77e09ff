// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.ProducerState;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a table keeps of itself for later statements: options of writes and reads. They are the
 * state of a producer of their own, which writes no steps: so they live in the log, as all that
 * changes, and need nothing that other readers would have to know.
 */
public final class TableProperties {
  /** The producer whose state they are. */
  public static final String PRODUCER = "spark-table";

  private static final ObjectMapper JSON = new ObjectMapper();

  private TableProperties() {}

  /**
   * Those of a stream as of its last look; none if nobody has said any.
   *
   * @throws CorruptObjectException if they are not readable
   */
  public static Map<String, String> of(LakeStream stream) {
    String state = stream.producer(PRODUCER).map(ProducerState::state).orElse("");
    Map<String, String> properties = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    if (!state.isEmpty()) {
      try {
        properties.putAll(JSON.readValue(state, new TypeReference<Map<String, String>>() {}));
      } catch (JsonProcessingException e) {
        throw new CorruptObjectException(
            StreamKeys.STREAM.value(),
            "the state of its producer " + PRODUCER + " is no table's properties");
      }
    }
    return properties;
  }

  /** Replaces them, with two entries of the log. */
  public static void replace(LakeStream stream, Map<String, String> properties)
      throws IOException, InterruptedException {
    String state;
    try {
      state = JSON.writeValueAsString(new TreeMap<>(properties));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("text is always JSON", e);
    }
    if (state.getBytes(StandardCharsets.UTF_8).length > Limits.STATE_BYTES) {
      throw new InvalidRequestException(
          "the properties of a table may have " + Limits.STATE_BYTES + " bytes in all, not more");
    }
    ProducerSession.open(stream, PRODUCER)
        .commit(Commit.of((CommitContent.Inline) CommitContent.none(), state));
    stream.refresh();
  }
}
