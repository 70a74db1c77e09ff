// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/** The rows of a write in order, before they are planned: see {@link CountRowsExec}. */
final class CountRows extends LogicalPlan {
  private final LogicalPlan child;
  private final transient StreamWrite write;

  CountRows(LogicalPlan child, StreamWrite write) {
    this.child = child;
    this.write = write;
  }

  LogicalPlan child() {
    return child;
  }

  StreamWrite write() {
    return write;
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
  public Seq<LogicalPlan> children() {
    return OrderedWrites.seq(child);
  }

  @Override
  public LogicalPlan withNewChildrenInternal(IndexedSeq<LogicalPlan> newChildren) {
    return new CountRows(newChildren.apply(0), write);
  }

  /** Spark would look for a constructor that has what a product has. */
  @Override
  public LogicalPlan clone() {
    CountRows copy = new CountRows(child.clone(), write);
    copy.copyTagsFrom(this);
    return copy;
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
    return other instanceof CountRows;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CountRows rows && child.equals(rows.child) && write.equals(rows.write);
  }

  @Override
  public int hashCode() {
    return child.hashCode();
  }
}
