// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.xxhash64;

import dev.lakestream.error.InvalidRequestException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataType;

/** The functions of this package for DataFrames and SQL. */
public final class Prepare {
  static final String TOKENIZE = "ls_tokenize";
  static final String PACK = "ls_pack";

  private Prepare() {}

  /**
   * Makes {@code ls_tokenize} and {@code ls_pack} known to a session that was made before it had
   * our jar; others know them.
   */
  public static void register(SparkSession spark) {
    spark.udf().register(TOKENIZE, tokenize());
    spark.udf().register(PACK, pack());
  }

  static UserDefinedFunction tokenize() {
    return udf(new Tokenize(), DataType.fromDDL(Tokenize.TYPE));
  }

  static UserDefinedFunction pack() {
    return udf(new Pack(), DataType.fromDDL(Pack.TYPE));
  }

  /**
   * The rows in an order that the seed and their identity decide and nothing else: no partitioning,
   * no order and no number of tasks. A global sort, by a hash.
   *
   * @param identity columns that tell the rows apart; of rows that are equal in them the order is
   *     open
   */
  public static Dataset<Row> shuffle(Dataset<Row> rows, long seed, String... identity) {
    if (identity.length == 0) {
      throw new InvalidRequestException(
          "name the columns that tell rows apart: without them the order could not be the same again");
    }
    Column[] columns = Arrays.stream(identity).map(name -> col(name)).toArray(Column[]::new);
    Column hash =
        xxhash64(
            Stream.concat(Stream.of(lit(seed)), Arrays.stream(columns)).toArray(Column[]::new));
    return rows.orderBy(
        Stream.concat(Stream.of(hash), Arrays.stream(columns)).toArray(Column[]::new));
  }
}
