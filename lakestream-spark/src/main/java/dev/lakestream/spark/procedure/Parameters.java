// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.procedure;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** The parameters of a procedure, the table first. */
final class Parameters {
  private final List<ProcedureParameter> list = new ArrayList<>();

  private Parameters() {}

  static Parameters ofTable() {
    return new Parameters().required(StreamProcedure.TABLE, DataTypes.StringType);
  }

  Parameters text(String name) {
    return required(name, DataTypes.StringType);
  }

  Parameters number(String name) {
    return required(name, DataTypes.LongType);
  }

  Parameters optionalText(String name) {
    return optional(name, DataTypes.StringType, "NULL");
  }

  Parameters optionalNumber(String name) {
    return optional(name, DataTypes.LongType, "NULL");
  }

  Parameters flag(String name) {
    return optional(name, DataTypes.BooleanType, "false");
  }

  List<ProcedureParameter> list() {
    return List.copyOf(list);
  }

  private Parameters required(String name, DataType type) {
    list.add(ProcedureParameter.in(name, type).build());
    return this;
  }

  private Parameters optional(String name, DataType type, String value) {
    list.add(ProcedureParameter.in(name, type).defaultValue(value).build());
    return this;
  }
}
