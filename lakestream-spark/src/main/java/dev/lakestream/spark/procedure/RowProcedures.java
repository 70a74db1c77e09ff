// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.procedure;

import dev.lakestream.arrow.repeat.Repetition;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.repeat.RepeatOrder;
import dev.lakestream.repeat.RepeatRequest;
import dev.lakestream.spark.catalog.CatalogRoot;
import dev.lakestream.spark.write.QueryFlush;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** What makes new steps of rows that the stream has. */
final class RowProcedures {
  private RowProcedures() {}

  /** Another epoch. */
  static StreamProcedure repeat(CatalogRoot root) {
    return new StreamProcedure(
        root,
        "repeat",
        "commits steps once more, as they are or permuted by a seed, without a copy of their data",
        Parameters.ofTable()
            .number("from_step")
            .number("to_step")
            .optionalText("order")
            .optionalNumber("seed")
            .optionalNumber("without_skipped")
            .optionalText("producer")
            .optionalText("key")
            .list(),
        new StructType()
            .add("committed", DataTypes.BooleanType, false)
            .add("key", DataTypes.StringType, false)
            .add("version", DataTypes.LongType, true)
            .add("first_step", DataTypes.LongType, true)
            .add("steps", DataTypes.LongType, true),
        RowProcedures::repeat);
  }

  private static List<InternalRow> repeat(LakeStream stream, Arguments arguments)
      throws IOException, InterruptedException {
    stream.refresh();
    RepeatRequest request =
        new RepeatRequest(
            arguments.number("from_step"),
            arguments.number("to_step"),
            order(arguments.textIfGiven("order").orElse("steps")),
            arguments.numberIfGiven("seed").orElse(0L),
            arguments.numberIfGiven("without_skipped"));
    String key = arguments.textIfGiven("key").orElse(request.key());
    String producer = arguments.textIfGiven("producer").orElse("repeat");
    try (BufferAllocator allocator =
        ArrowUtils.rootAllocator().newChildAllocator("lakestream repeat", 0, Long.MAX_VALUE)) {
      Optional<CommitReceipt> made = Repetition.commit(stream, request, key, producer, allocator);
      return List.of(
          row(
              made.isPresent(),
              UTF8String.fromString(key),
              made.map(CommitReceipt::version).orElse(null),
              made.map(CommitReceipt::firstStep).orElse(null),
              made.map(CommitReceipt::steps).orElse(null)));
    }
  }

  private static RepeatOrder order(String given) {
    return RepeatOrder.of(given)
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "argument 'order' is '" + given + "': it must be steps, slots or as_written"));
  }

  /** The last rows of a streaming query that has come to its end. */
  static StreamProcedure flush(CatalogRoot root) {
    return new StreamProcedure(
        root,
        "flush",
        "makes a last step of the rows that a streaming query carries, without running it",
        Parameters.ofTable().text("producer").optionalText("remainder").list(),
        new StructType()
            .add("steps", DataTypes.LongType, false)
            .add("rows", DataTypes.LongType, false)
            .add("dropped_rows", DataTypes.LongType, false)
            .add("version", DataTypes.LongType, true),
        (stream, arguments) ->
            flush(
                stream,
                root.address(StreamProcedure.table(root, arguments.text(StreamProcedure.TABLE))),
                arguments));
  }

  private static List<InternalRow> flush(
      LakeStream stream, Map<String, String> address, Arguments arguments)
      throws IOException, InterruptedException {
    String remainder = arguments.textIfGiven("remainder").orElse("keep");
    if (!List.of("keep", "pad", "drop").contains(remainder)) {
      throw new InvalidRequestException(
          "argument 'remainder' is '" + remainder + "': it must be keep, pad or drop");
    }
    stream.refresh();
    return List.of(
        QueryFlush.run(stream, address, arguments.text("producer"), remainder)
            .map(made -> row(made.steps(), made.rows(), made.droppedRows(), made.version()))
            .orElseGet(() -> row(0L, 0L, 0L, null)));
  }

  private static InternalRow row(@Nullable Object... values) {
    return new GenericInternalRow(values);
  }
}
