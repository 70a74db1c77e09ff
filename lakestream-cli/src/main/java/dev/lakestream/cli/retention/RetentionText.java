// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.retention;

import dev.lakestream.cli.TextTable;
import dev.lakestream.retention.DataReport;
import dev.lakestream.retention.HistoryReport;
import dev.lakestream.retention.Pin;
import dev.lakestream.retention.StagingReport;
import dev.lakestream.retention.TrimResult;
import dev.lakestream.retention.VacuumReport;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Locale;

/** What the retention of a stream reports, for people. */
final class RetentionText {
  private RetentionText() {}

  static String trim(TrimResult result, boolean dryRun) {
    String held =
        result.heldBy().map(pin -> "; " + describe(pin) + " needs the steps from there").orElse("");
    return switch (result.outcome()) {
      case TRIMMED ->
          "the first readable step "
              + (dryRun ? "would be " : "is now ")
              + result.reached()
              + (result.reached() < result.wanted() ? ", not " + result.wanted() + held : "");
      case NOTHING_TO_DO -> "nothing to trim: the first readable step is " + result.reached();
      case HELD -> "nothing was trimmed: the first readable step is " + result.reached() + held;
      case CANCELLED ->
          "nothing was trimmed: somebody cancelled or replaced the intent, a pinner say; try again";
      case BROKEN_PINS ->
          "nothing was trimmed, a pin that can't be read may need everything: "
              + result.broken().get(0).problem()
              + "; see to it, or release it with 'lakestream unpin --key'";
    };
  }

  private static String describe(Pin pin) {
    return "checkpoint " + pin.checkpoint() + " of job " + pin.job();
  }

  static void vacuum(VacuumReport report, PrintWriter out) {
    String done = report.dryRun() ? "would delete " : "deleted ";
    report.trim().ifPresent(result -> out.println("trim: " + trim(result, report.dryRun())));
    data(report.data(), done, out);
    history(report.history(), done, out);
    out.println(
        "uploads: "
            + (report.dryRun() ? "would abort " : "aborted ")
            + report.abortedUploads().size()
            + ", "
            + report.pendingUploads()
            + " others are at work or too young");
    StagingReport staging = report.staging();
    if (!staging.abandoned().isEmpty() || staging.kept() > 0) {
      out.println(
          "staging: "
              + done
              + count(staging.deletedObjects(), staging.deletedBytes())
              + " of "
              + staging.abandoned().size()
              + " abandoned stages, "
              + staging.kept()
              + " others are younger");
    }
    if (report.probes().deletedObjects() > 0 || report.probes().otherObjects() > 0) {
      out.println(
          "probes: "
              + done
              + report.probes().deletedObjects()
              + " scratch objects of looks at the store, "
              + report.probes().otherObjects()
              + " others are too young or not ours");
    }
    out.println(
        "pins: "
            + report.pins().pins().size()
            + report
                .pins()
                .oldest(report.firstReadable())
                .map(pin -> "; the oldest, " + describe(pin) + ", needs step " + pin.from())
                .orElse(""));
    report.pins().vain(report.firstReadable()).stream()
        .map(pin -> "  " + describe(pin) + " pins steps that were trimmed before: unpin it")
        .forEach(out::println);
    report.pins().broken().forEach(pin -> out.println("BROKEN: " + pin.problem()));
  }

  private static void data(DataReport data, String done, PrintWriter out) {
    out.println("data: " + done + count(data.deletedObjects(), data.deletedBytes()));
    out.println("  readable steps need " + count(data.reachedObjects(), data.reachedBytes()));
    if (data.attachedObjects() > 0) {
      out.println(
          "  producers' attachments are " + count(data.attachedObjects(), data.attachedBytes()));
    }
    data.fenced()
        .forEach(
            fence ->
                out.println(
                    "  fenced the lost producer "
                        + fence.producer()
                        + " at epoch "
                        + fence.epoch()
                        + ", last sign of life "
                        + fence.lastSign()));
    if (!data.held().isEmpty()) {
      TextTable table =
          new TextTable("  producer", "epoch", "objects", "bytes", "last sign", "stays because");
      for (DataReport.Held held : data.held()) {
        table.row(
            "  " + held.producer(),
            held.epoch(),
            held.objects(),
            held.bytes(),
            held.lastSign().map(Instant::toString).orElse(""),
            held.reason());
      }
      table.print(out);
    }
    if (data.foreignObjects() > 0) {
      out.println(
          "  not of this stream, never touched: "
              + count(data.foreignObjects(), data.foreignBytes())
              + ", such as "
              + data.foreign().get(0));
    }
  }

  private static void history(HistoryReport history, String done, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "history: %s%d log entries, %d snapshots, %d index segments%s%n",
        done,
        history.deletedEntries(),
        history.deletedRoots(),
        history.deletedSegments(),
        history.deletedBelow() > 0 ? " below version " + history.deletedBelow() : "");
    history.newHorizon().ifPresent(version -> out.println("  the horizon moves to " + version));
    history.note().ifPresent(note -> out.println("  " + note));
    history.brokenRoots().forEach(problem -> out.println("BROKEN: " + problem));
  }

  private static String count(long objects, long bytes) {
    return objects + " objects, " + bytes + " bytes";
  }
}
