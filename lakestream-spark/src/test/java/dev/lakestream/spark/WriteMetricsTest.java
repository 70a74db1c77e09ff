// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.spark.metric.WriteMetrics;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.execution.ui.SQLAppStatusStore;
import org.apache.spark.sql.execution.ui.SQLExecutionUIData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

/** The numbers of a job where Spark's UI gets them from. */
class WriteMetricsTest {
  @TempDir private Path folder;

  @Test
  void theUiShowsWhatTheJobDid() throws Exception {
    Sparks.write(Sparks.rows(1_003, 3).select("id"), 100, 4)
        .save(folder.resolve("stream").toString());
    Map<String, String> shown = shownOfTheLastWrite();
    assertThat(shown)
        .containsEntry("Steps that became visible", "11")
        .containsEntry("Rows that tasks have taken", "1,003")
        .containsEntry("Rows of a last short step", "3")
        .containsKeys(
            "Bytes of bundles that were uploaded",
            "Time that the commit took",
            "Time that uploads took, of all tasks together");
    assertThat(shown.get("Bytes of bundles that were uploaded")).endsWith("KiB");
    assertThat(Integer.parseInt(shown.get("Attempts to commit, lost races too"))).isPositive();
  }

  /** Spark makes them by name, with a constructor that takes nothing. */
  @Test
  void eachIsMadeByItsClass() throws Exception {
    for (CustomMetric metric : WriteMetrics.all()) {
      CustomMetric made = metric.getClass().getDeclaredConstructor().newInstance();
      assertThat(made.name()).isEqualTo(metric.name());
      assertThat(made.aggregateTaskMetrics(new long[] {1_000, 500})).isNotBlank();
    }
    assertThat(Arrays.stream(WriteMetrics.all()).map(CustomMetric::name)).doesNotHaveDuplicates();
  }

  private static Map<String, String> shownOfTheLastWrite() throws TimeoutException {
    SparkSession session = (SparkSession) Sparks.session();
    session.sparkContext().listenerBus().waitUntilEmpty();
    SQLAppStatusStore store = session.sharedState().statusStore();
    List<SQLExecutionUIData> executions =
        CollectionConverters.asJava(store.executionsList()).stream()
            .filter(
                execution ->
                    CollectionConverters.asJava(execution.metrics()).stream()
                        .anyMatch(metric -> metric.name().startsWith("Steps that")))
            .sorted(Comparator.comparingLong(SQLExecutionUIData::executionId))
            .toList();
    SQLExecutionUIData last = executions.get(executions.size() - 1);
    Map<Object, String> values =
        CollectionConverters.asJava(store.executionMetrics(last.executionId()));
    Map<String, String> shown = new TreeMap<>();
    CollectionConverters.asJava(last.metrics())
        .forEach(
            metric -> {
              String value = values.get(metric.accumulatorId());
              if (value != null) {
                shown.put(metric.name(), value);
              }
            });
    return shown;
  }
}
