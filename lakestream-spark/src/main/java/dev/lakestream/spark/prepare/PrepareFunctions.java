// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import dev.lakestream.error.InvalidRequestException;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.SparkSessionExtensionsProvider;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.classic.UserDefinedFunctionUtils$;
import org.apache.spark.sql.expressions.SparkUserDefinedFunction;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import scala.Function1;
import scala.Tuple3;
import scala.collection.immutable.Seq;
import scala.runtime.BoxedUnit;

/**
 * Makes {@code ls_tokenize} and {@code ls_pack} functions of every session that is made with our
 * jar, for SQL and for whatever language calls it; Spark finds this by service loading.
 */
public final class PrepareFunctions implements SparkSessionExtensionsProvider {
  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    inject(extensions, Prepare.TOKENIZE, 2, Prepare.tokenize(), Tokenize.class);
    inject(extensions, Prepare.PACK, 4, Prepare.pack(), Pack.class);
    return BoxedUnit.UNIT;
  }

  private static void inject(
      SparkSessionExtensions extensions,
      String name,
      int arguments,
      UserDefinedFunction function,
      Class<?> type) {
    Function1<Seq<Expression>, Expression> call =
        given -> {
          if (given.size() != arguments) {
            throw new InvalidRequestException(
                name + " has " + arguments + " arguments, and was given " + given.size());
          }
          return UserDefinedFunctionUtils$.MODULE$.toScalaUDF(
              (SparkUserDefinedFunction) function.withName(name), given);
        };
    extensions.injectFunction(
        new Tuple3<>(new FunctionIdentifier(name), new ExpressionInfo(type.getName(), name), call));
  }
}
