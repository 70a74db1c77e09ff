// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.FencedException;
import dev.lakestream.log.StepRecord;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code CALL lake.system.flush}: the carried rows of a query, without the query. */
class FlushTest {
  @TempDir private Path folder;
  private Lake lake;
  private Queries query;

  @BeforeEach
  void open() {
    lake = Lake.at(folder);
    query = new Queries(Sparks.session(), folder, folder.resolve("stream").toString());
  }

  private List<String> flush(String more) throws Exception {
    return lake.sql(
        "CALL lake.system.flush(table => 'stream', producer => '"
            + query.producer().id()
            + "'"
            + more
            + ")");
  }

  @ParameterizedTest
  @CsvSource({"keep, 5, 0, 40", "pad, 6, 0, 48", "drop, 0, 5, 0"})
  void whatIsCarriedBecomesWhatTheArgumentSays(String remainder, long rows, long left, long tokens)
      throws Exception {
    query.put(4).put(7);
    query.run(query.write(6, 2).option("tokensColumn", "tokens"));
    assertThat(query.visible()).hasSize(6);
    assertThat(flush(", remainder => '" + remainder + "'"))
        .singleElement()
        .asString()
        .startsWith("[" + (rows > 0 ? 1 : 0) + "," + rows + "," + left + ",");
    assertThat(query.producer().attachments()).isEmpty();
    if (rows > 0) {
      StepRecord last = Sparks.steps(Path.of(query.root())).get(1);
      assertThat(last.rows()).isEqualTo(rows);
      assertThat(last.tokens()).as("counted as the query counts").isEqualTo(tokens);
      assertThat(query.visible().stream().distinct()).isEqualTo(query.ids());
    }
    assertThat(flush("")).as("nothing is left").containsExactly("[0,0,0,null]");
  }

  @Test
  void theQueryGoesOnAfterwards() throws Exception {
    query.put(7);
    query.run(query.write(4, 2));
    flush("");
    query.put(5);
    query.run(query.write(4, 2).option("remainder", "keep"));
    assertThat(query.visible()).isEqualTo(query.ids());
    assertThat(Sparks.steps(Path.of(query.root())).stream().map(StepRecord::rows))
        .containsExactly(4L, 3L, 4L, 1L);
  }

  @Test
  void aQueryThatIsAliveIsFencedAndLosesNothing() throws Exception {
    query.put(7);
    StreamingQuery alive = query.write(4, 2).trigger(Trigger.ProcessingTime(0)).start();
    alive.processAllAvailable();
    flush("");
    assertThat(query.visible()).isEqualTo(query.ids());
    query.put(4);
    assertThatThrownBy(alive::awaitTermination)
        .isInstanceOf(StreamingQueryException.class)
        .hasRootCauseInstanceOf(FencedException.class);
    query.run(query.write(4, 2));
    assertThat(query.visible()).isEqualTo(query.ids());
  }

  @Test
  void onlyQueriesAreFlushed() throws Exception {
    query.put(7);
    query.run(query.write(4, 2));
    long epoch = query.producer().epoch();
    assertThatThrownBy(() -> flush(", remainder => 'carry'"))
        .hasMessageContaining("must be keep, pad or drop");
    assertThat(query.producer().epoch()).as("nobody was fenced").isEqualTo(epoch);
    Sparks.write(Sparks.rows(4, 1), 4, 2).option("producer", "job").save(query.root());
    assertThatThrownBy(() -> lake.sql("CALL lake.system.flush('stream', 'job')"))
        .hasMessageContaining("'job' is no streaming query");
    assertThatThrownBy(() -> lake.sql("CALL lake.system.flush('stream', 'none')"))
        .hasMessageContaining("no producer 'none'");
  }
}
