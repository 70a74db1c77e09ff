// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.ExperimentalMethods;
import org.apache.spark.sql.catalyst.plans.logical.AppendData;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Strategy;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Has the rows of a write in order counted before they are written, whoever plans it: {@code INSERT
 * INTO}, {@code writeTo} or {@code CREATE TABLE … AS}. Spark lets no source see the rows before its
 * tasks, so this takes part in the planning.
 *
 * <p>A session learns of it when it optimizes such a write, which is before it plans it; so
 * sessions without such writes have nothing of it.
 */
final class OrderedWrites extends SparkStrategy {
  private final SparkSession session;

  private OrderedWrites(SparkSession session) {
    this.session = session;
  }

  /** Makes the session that plans now plan such writes, from now on. */
  static void planHere() {
    SparkSession session = SparkSession.active();
    ExperimentalMethods planning = session.experimental();
    synchronized (planning) {
      List<SparkStrategy> all =
          new ArrayList<>(CollectionConverters.asJava(planning.extraStrategies()));
      if (all.stream().noneMatch(OrderedWrites.class::isInstance)) {
        all.add(new OrderedWrites(session));
        planning.extraStrategies_$eq(seq(all));
      }
    }
  }

  @Override
  public Seq<SparkPlan> apply(LogicalPlan plan) {
    if (plan instanceof AppendData append
        && append.write().isDefined()
        && append.write().get() instanceof StreamWrite write
        && write.needsRowCounts()
        && !(append.query() instanceof CountRows)) {
      LogicalPlan counted = append.withNewChildren(seq(new CountRows(append.query(), write)));
      return new DataSourceV2Strategy(session).apply(counted);
    }
    return plan instanceof CountRows rows
        ? seq(new CountRowsExec(planLater(rows.child()), rows.write()))
        : seq(List.<SparkPlan>of());
  }

  static <T> Seq<T> seq(T element) {
    return seq(List.of(element));
  }

  private static <T> Seq<T> seq(List<T> elements) {
    return CollectionConverters.asScala(elements).toSeq();
  }
}
