// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.procedure;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.retention.OpenIntents;
import dev.lakestream.retention.Pin;
import dev.lakestream.retention.PinListing;
import dev.lakestream.retention.Pins;
import dev.lakestream.retention.StoreClock;
import dev.lakestream.retention.TrimResult;
import dev.lakestream.retention.TrimTarget;
import dev.lakestream.retention.Trimming;
import dev.lakestream.retention.Vacuum;
import dev.lakestream.retention.VacuumOptions;
import dev.lakestream.retention.VacuumReport;
import dev.lakestream.spark.catalog.CatalogRoot;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** What keeps steps and what lets them go. */
final class RetentionProcedures {
  private RetentionProcedures() {}

  /** Keeps the steps of a checkpoint. */
  static StreamProcedure pin(CatalogRoot root) {
    return new StreamProcedure(
        root,
        "pin",
        "keeps the steps that a checkpoint needs, until it is unpinned",
        Parameters.ofTable()
            .text("job")
            .text("checkpoint")
            .number("from_step")
            .optionalNumber("to_step")
            .list(),
        new StructType().add("key", DataTypes.StringType, false),
        RetentionProcedures::pin);
  }

  private static List<InternalRow> pin(LakeStream stream, Arguments arguments)
      throws IOException, InterruptedException {
    Pin pin =
        new Pins(stream)
            .pin(
                arguments.text("job"),
                arguments.text("checkpoint"),
                arguments.number("from_step"),
                arguments.numberIfGiven("to_step"),
                OpenIntents.CANCEL);
    return List.of(row(text(pin.key())));
  }

  /** Releases a checkpoint. */
  static StreamProcedure unpin(CatalogRoot root) {
    return new StreamProcedure(
        root,
        "unpin",
        "releases a checkpoint, so that its steps may go with the next trim",
        Parameters.ofTable().text("job").text("checkpoint").list(),
        new StructType().add("released", DataTypes.IntegerType, false),
        (stream, arguments) ->
            List.of(
                row(
                    new Pins(stream)
                        .releaseAll(arguments.text("job"), arguments.text("checkpoint")))));
  }

  /** Makes old steps unreadable. */
  static StreamProcedure trim(CatalogRoot root) {
    return new StreamProcedure(
        root,
        "trim",
        "makes old steps unreadable, as far as pins allow; their data goes with a vacuum",
        withTarget(Parameters.ofTable()).flag("dry_run").list(),
        new StructType()
            .add("outcome", DataTypes.StringType, false)
            .add("wanted", DataTypes.LongType, false)
            .add("first_readable", DataTypes.LongType, false)
            .add("held_by", DataTypes.StringType, true),
        RetentionProcedures::trim);
  }

  private static List<InternalRow> trim(LakeStream stream, Arguments arguments)
      throws IOException, InterruptedException {
    TrimTarget target =
        target(arguments)
            .orElseThrow(
                () -> new InvalidRequestException("say keep_steps, to_step or older_than"));
    long wanted = target.step(stream, new StoreClock(stream).now());
    Trimming trimming = new Trimming(stream);
    TrimResult result = arguments.flag("dry_run") ? trimming.plan(wanted) : trimming.to(wanted);
    return List.of(
        row(
            text(result.outcome().name().toLowerCase(Locale.ROOT)),
            result.wanted(),
            result.reached(),
            result.heldBy().isPresent() ? text(result.heldBy().get().key()) : null));
  }

  /** Deletes what nobody needs. */
  static StreamProcedure vacuum(CatalogRoot root) {
    return new StreamProcedure(
        root,
        "vacuum",
        "deletes what nobody needs any more, and trims before if it is told up to where",
        withTarget(Parameters.ofTable()).flag("dry_run").list(),
        new StructType()
            .add("what", DataTypes.StringType, false)
            .add("deleted_objects", DataTypes.LongType, false)
            .add("deleted_bytes", DataTypes.LongType, true)
            .add("note", DataTypes.StringType, true),
        RetentionProcedures::vacuum);
  }

  private static List<InternalRow> vacuum(LakeStream stream, Arguments arguments)
      throws IOException, InterruptedException {
    VacuumOptions options = VacuumOptions.defaults();
    Optional<TrimTarget> target = target(arguments);
    if (target.isPresent()) {
      options = options.trimming(target.get());
    }
    if (arguments.flag("dry_run")) {
      options = options.planOnly();
    }
    return rows(new Vacuum(stream, options).run());
  }

  private static List<InternalRow> rows(VacuumReport report) {
    List<InternalRow> rows = new ArrayList<>();
    report
        .trim()
        .ifPresent(
            trim ->
                rows.add(
                    row(
                        text("steps"),
                        0L,
                        null,
                        text(
                            trim.outcome().name().toLowerCase(Locale.ROOT)
                                + ", the first readable one is "
                                + report.firstReadable()))));
    long held = report.data().held().stream().mapToLong(each -> each.objects()).sum();
    rows.add(
        row(
            text("data"),
            report.data().deletedObjects(),
            report.data().deletedBytes(),
            held == 0 ? null : text(held + " unreachable objects may still be committed")));
    rows.add(
        row(
            text("history"),
            report.history().deletedEntries()
                + report.history().deletedRoots()
                + report.history().deletedSegments(),
            report.history().deletedBytes(),
            report.history().note().isPresent() ? text(report.history().note().get()) : null));
    rows.add(
        row(
            text("staging"),
            report.staging().deletedObjects(),
            report.staging().deletedBytes(),
            null));
    rows.add(row(text("probes"), report.probes().deletedObjects(), null, null));
    rows.add(row(text("uploads"), (long) report.abortedUploads().size(), null, null));
    for (PinListing.BrokenPin pin : report.pins().broken()) {
      rows.add(row(text("broken pin"), 0L, null, text(pin.problem())));
    }
    for (String problem : report.history().brokenRoots()) {
      rows.add(row(text("broken snapshot"), 0L, null, text(problem)));
    }
    return rows;
  }

  private static Parameters withTarget(Parameters parameters) {
    return parameters
        .optionalNumber("keep_steps")
        .optionalNumber("to_step")
        .optionalText("older_than");
  }

  private static Optional<TrimTarget> target(Arguments arguments) {
    List<TrimTarget> targets = new ArrayList<>();
    arguments.numberIfGiven("keep_steps").map(TrimTarget.KeepSteps::new).ifPresent(targets::add);
    arguments.numberIfGiven("to_step").map(TrimTarget.ToStep::new).ifPresent(targets::add);
    arguments
        .textIfGiven("older_than")
        .map(RetentionProcedures::age)
        .map(TrimTarget.OlderThan::new)
        .ifPresent(targets::add);
    if (targets.size() > 1) {
      throw new InvalidRequestException(
          "keep_steps, to_step and older_than exclude each other: say one of them");
    }
    return targets.stream().findFirst();
  }

  /** As the command line has it: 30d, 12h, 15m, 30s. */
  private static Duration age(String given) {
    String upper = given.strip().toUpperCase(Locale.ROOT);
    try {
      return Duration.parse(upper.endsWith("D") ? "P" + upper : "PT" + upper);
    } catch (DateTimeParseException e) {
      throw new InvalidRequestException(
          "argument 'older_than' is '" + given + "': a time such as 30d or 12h is wanted", e);
    }
  }

  private static UTF8String text(Object value) {
    return UTF8String.fromString(value.toString());
  }

  private static InternalRow row(@Nullable Object... values) {
    return new GenericInternalRow(values);
  }
}
