// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.spark.options.StreamAddress;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.types.StructType;

/** Aggregates that the index has answered: no task runs. */
record AnsweredScan(StreamAddress address, StructType readSchema, List<InternalRow> answers)
    implements LocalScan {
  @Override
  public String description() {
    return "lakestream " + address + " answered by its index";
  }

  @Override
  public InternalRow[] rows() {
    return answers.toArray(InternalRow[]::new);
  }
}
