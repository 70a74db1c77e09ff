// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.procedure;

import dev.lakestream.error.InvalidRequestException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;

/** The arguments of a call by the names of their parameters. */
final class Arguments {
  private final List<ProcedureParameter> parameters;
  private final InternalRow values;

  Arguments(List<ProcedureParameter> parameters, InternalRow values) {
    this.parameters = parameters;
    this.values = values;
  }

  String text(String name) {
    return textIfGiven(name).orElseThrow(() -> missing(name));
  }

  Optional<String> textIfGiven(String name) {
    int index = index(name);
    return values.isNullAt(index) ? Optional.empty() : Optional.of(values.getString(index));
  }

  long number(String name) {
    return numberIfGiven(name).orElseThrow(() -> missing(name));
  }

  Optional<Long> numberIfGiven(String name) {
    int index = index(name);
    return values.isNullAt(index) ? Optional.empty() : Optional.of(values.getLong(index));
  }

  boolean flag(String name) {
    int index = index(name);
    return !values.isNullAt(index) && values.getBoolean(index);
  }

  private int index(String name) {
    for (int index = 0; index < parameters.size(); index++) {
      if (parameters.get(index).name().equals(name)) {
        return index;
      }
    }
    throw new IllegalArgumentException("there is no parameter " + name);
  }

  private static InvalidRequestException missing(String name) {
    return new InvalidRequestException("argument '" + name + "' must not be null");
  }
}
