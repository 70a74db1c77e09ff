// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.SparkSessionExtensionsProvider;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.ColumnarRule;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.v2.AppendDataExec;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * Has the rows of a write in order counted before they are written, whoever plans it: {@code INSERT
 * INTO}, {@code writeTo} or {@code CREATE TABLE … AS}. Spark lets no source see the rows before its
 * tasks, so this is a rule of the session, which Spark finds by service loading.
 */
public final class OrderedWrites implements SparkSessionExtensionsProvider {
  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    extensions.injectColumnar(session -> new AfterPlanning());
    return BoxedUnit.UNIT;
  }

  /** Sees plans that nothing but transitions between rows and columns are added to. */
  private static final class AfterPlanning extends ColumnarRule {
    @Override
    public Rule<SparkPlan> preColumnarTransitions() {
      return new Counting();
    }
  }

  private static final class Counting extends Rule<SparkPlan> {
    @Override
    public SparkPlan apply(SparkPlan plan) {
      if (plan instanceof AppendDataExec append
          && append.write() instanceof StreamWrite write
          && write.needsRowCounts()) {
        SparkPlan counted = new CountRowsExec(append.query(), write);
        return append.withNewChildren(seq(counted));
      }
      return plan;
    }
  }

  static Seq<SparkPlan> seq(SparkPlan plan) {
    return CollectionConverters.asScala(java.util.List.of(plan)).toSeq();
  }
}
