// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SparkPlan;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * Counts the rows of each partition with a job of its own, tells the write, and hands on the same
 * RDD: what is counted is what is written, and shuffles before it run once.
 */
final class CountRowsExec extends SparkPlan {
  private final SparkPlan child;
  private final transient StreamWrite write;

  CountRowsExec(SparkPlan child, StreamWrite write) {
    this.child = child;
    this.write = write;
  }

  @Override
  public RDD<InternalRow> doExecute() {
    RDD<InternalRow> rows = child.execute();
    write.count(rows);
    return rows;
  }

  @Override
  public String nodeName() {
    return "LakestreamCountRows";
  }

  @Override
  public Seq<Attribute> output() {
    return child.output();
  }

  @Override
  public Partitioning outputPartitioning() {
    return child.outputPartitioning();
  }

  @Override
  public Seq<SparkPlan> children() {
    return OrderedWrites.seq(child);
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> newChildren) {
    return new CountRowsExec(newChildren.apply(0), write);
  }

  @Override
  public int productArity() {
    return 1;
  }

  @Override
  public Object productElement(int n) {
    if (n != 0) {
      throw new IndexOutOfBoundsException(n);
    }
    return child;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof CountRowsExec;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CountRowsExec exec
        && child.equals(exec.child)
        && write.equals(exec.write);
  }

  @Override
  public int hashCode() {
    return child.hashCode();
  }
}
