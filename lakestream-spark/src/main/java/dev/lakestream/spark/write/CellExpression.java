// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.Field;
import dev.lakestream.spark.vector.CellColumns;
import dev.lakestream.spark.vector.SparkSchemas;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.plans.logical.LeafNode;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * An expression of SQL over the columns of a stream. It is computed for the rows of cells, and not
 * for those of the DataFrame, since rows are counted again where they become a step later: by the
 * driver, or from what a query carries.
 */
final class CellExpression implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What a query's state in the log may hold of one option. */
  private static final int MAX_LENGTH = 1000;

  private final Expression expression;
  private final List<Integer> ordinals;
  private final List<Attribute> columns;
  private transient @Nullable UnsafeProjection projection;

  private CellExpression(Expression expression, List<Integer> ordinals, List<Attribute> columns) {
    this.expression = expression;
    this.ordinals = ordinals;
    this.columns = columns;
  }

  /**
   * Lets Spark read an expression.
   *
   * @param option whose value the expression is, for errors
   * @throws InvalidRequestException if it is none, or not one of each row alone
   */
  static CellExpression of(String option, String text, List<Field> fields) {
    List<String> names = fields.stream().map(Field::name).toList();
    if (text.matches("\\w+")) {
      throw new InvalidRequestException(
          "option '" + option + "' names '" + text + "', but the columns are " + names);
    }
    String is = "option '" + option + "' is '" + text + "', ";
    if (text.length() > MAX_LENGTH) {
      throw new InvalidRequestException(
          is + "which is longer than " + MAX_LENGTH + " characters: compute a column of its own");
    }
    LogicalPlan plan;
    try {
      plan = plan(text, SparkSchemas.struct(fields));
    } catch (Exception e) { // Those of Spark that say so are checked, and not declared.
      throw new InvalidRequestException(
          is + "neither one of the columns " + names + " nor an expression: " + e.getMessage(), e);
    }
    if (!(plan instanceof Project project)
        || !(project.child() instanceof LeafNode)
        || project.projectList().size() != 1
        || !(project.projectList().head() instanceof Expression expression)
        || !expression.deterministic()) {
      throw new InvalidRequestException(
          is + "which is not one value that follows from a row of " + names + " alone");
    }
    List<Attribute> needed =
        CollectionConverters.asJava(project.child().output()).stream()
            .filter(column -> expression.references().contains(column))
            .toList();
    return new CellExpression(
        expression, needed.stream().map(column -> names.indexOf(column.name())).toList(), needed);
  }

  private static LogicalPlan plan(String text, StructType columns) {
    SparkSession spark = SparkSession.active();
    // Of rows that Spark knows to be none it would compute nothing.
    return spark
        .createDataFrame(
            JavaSparkContext.fromSparkContext(spark.sparkContext()).<Row>emptyRDD(), columns)
        .selectExpr(text)
        .queryExecution()
        .optimizedPlan();
  }

  DataType type() {
    return expression.dataType();
  }

  /** Computes it for each row: the first value of what is given, which is valid during the call. */
  void forEach(VectorSchemaRoot cell, Consumer<UnsafeRow> consumer) {
    if (projection == null) {
      projection = UnsafeProjection.create(seq(List.of(expression)), seq(columns));
    }
    ColumnVector[] vectors = new ColumnVector[columns.size()];
    for (int column = 0; column < vectors.length; column++) {
      vectors[column] =
          CellColumns.of(cell.getVector(ordinals.get(column)), columns.get(column).dataType());
    }
    try (ColumnarBatch batch = new ColumnarBatch(vectors, cell.getRowCount())) {
      Iterator<InternalRow> rows = batch.rowIterator();
      while (rows.hasNext()) {
        consumer.accept(projection.apply(rows.next()));
      }
    }
  }

  private static <T> Seq<T> seq(List<T> elements) {
    return CollectionConverters.asScala(elements).toSeq();
  }
}
