// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.procedure;

import dev.lakestream.fork.Forks;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.spark.catalog.CatalogRoot;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** What changes how a stream goes on. */
final class ControlProcedures {
  private ControlProcedures() {}

  /** Leaves steps out for readers that are told so. */
  static StreamProcedure skip(CatalogRoot root) {
    return new StreamProcedure(
        root,
        "skip",
        "leaves out steps, for readers that are started with the rules version that it returns",
        Parameters.ofTable().number("from_step").number("to_step").text("reason").list(),
        new StructType().add("rules", DataTypes.LongType, false),
        ControlProcedures::skip);
  }

  private static List<InternalRow> skip(LakeStream stream, Arguments arguments)
      throws IOException, InterruptedException {
    return row(
        new StreamControl(stream)
            .skip(
                arguments.number("from_step"),
                arguments.number("to_step"),
                arguments.text("reason")));
  }

  /** Ends a stream. */
  static StreamProcedure seal(CatalogRoot root) {
    return new StreamProcedure(
        root,
        "seal",
        "ends the stream, for ever: no step follows",
        Parameters.ofTable().list(),
        new StructType()
            .add("version", DataTypes.LongType, false)
            .add("steps", DataTypes.LongType, false),
        ControlProcedures::seal);
  }

  private static List<InternalRow> seal(LakeStream stream, Arguments arguments)
      throws IOException, InterruptedException {
    long version = new StreamControl(stream).seal();
    return row(version, stream.state().nextStep());
  }

  /** Makes a stream that begins with the steps of another one. */
  static StreamProcedure fork(CatalogRoot root) {
    return new StreamProcedure(
        root,
        "fork",
        "makes a stream that begins with the steps of this one before a step, without a copy",
        Parameters.ofTable().text("name").optionalNumber("step").list(),
        new StructType()
            .add("uri", DataTypes.StringType, false)
            .add("step", DataTypes.LongType, false)
            .add("version", DataTypes.LongType, false),
        ControlProcedures::fork);
  }

  private static List<InternalRow> fork(LakeStream stream, Arguments arguments)
      throws IOException, InterruptedException {
    long step = arguments.numberIfGiven("step").orElse(stream.state().nextStep());
    LakeStream fork = new Forks(stream).create(arguments.text("name"), step);
    return row(
        UTF8String.fromString(fork.store().root().toString()),
        fork.state().firstOwn(),
        fork.document().fork().orElseThrow().version());
  }

  private static List<InternalRow> row(Object... values) {
    return List.of(new GenericInternalRow(values));
  }
}
