// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.retention;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.SealedJson;
import dev.lakestream.retention.DataReport;
import dev.lakestream.retention.HistoryReport;
import dev.lakestream.retention.Pin;
import dev.lakestream.retention.PinListing;
import dev.lakestream.retention.TrimResult;
import dev.lakestream.retention.VacuumReport;
import java.time.Instant;
import java.util.Locale;

/** What the retention of a stream reports, as JSON, the same in every command. */
final class RetentionJson {
  private RetentionJson() {}

  static ObjectNode pin(Pin pin) {
    ObjectNode json = SealedJson.object();
    json.put("job", pin.job()).put("checkpoint", pin.checkpoint()).put("from", pin.from());
    pin.to().ifPresent(to -> json.put("to", to));
    return json.put("created", Instant.ofEpochMilli(pin.created()).toString())
        .put("key", pin.key().value());
  }

  static ObjectNode broken(PinListing.BrokenPin pin) {
    return SealedJson.object().put("key", pin.object()).put("problem", pin.problem());
  }

  static ObjectNode trim(TrimResult result) {
    ObjectNode json = SealedJson.object();
    json.put("outcome", result.outcome().name().toLowerCase(Locale.ROOT))
        .put("wanted", result.wanted())
        .put("first_readable", result.reached());
    result.heldBy().ifPresent(pin -> json.set("held_by", pin(pin)));
    if (!result.broken().isEmpty()) {
      ArrayNode broken = json.putArray("broken_pins");
      result.broken().forEach(pin -> broken.add(broken(pin)));
    }
    return json;
  }

  static ObjectNode vacuum(VacuumReport report) {
    ObjectNode json = SealedJson.object();
    json.put("dry_run", report.dryRun())
        .put("time", report.time().toString())
        .put("first_readable", report.firstReadable());
    report.trim().ifPresent(result -> json.set("trim", trim(result)));
    json.put("pins", report.pins().pins().size());
    ArrayNode broken = json.putArray("broken_pins");
    report.pins().broken().forEach(pin -> broken.add(broken(pin)));
    json.set("data", data(report.data()));
    json.set("history", history(report.history()));
    ObjectNode staging = json.putObject("staging");
    staging
        .put("deleted_objects", report.staging().deletedObjects())
        .put("deleted_bytes", report.staging().deletedBytes())
        .put("kept_stages", report.staging().kept());
    report.staging().abandoned().forEach(staging.putArray("abandoned")::add);
    ArrayNode aborted = json.putArray("aborted_uploads");
    report
        .abortedUploads()
        .forEach(
            upload -> {
              ObjectNode object = aborted.addObject().put("id", upload.id());
              upload.key().ifPresent(key -> object.put("key", key.value()));
              object
                  .put("bytes", upload.bytes())
                  .put("last_touched", upload.lastTouched().toString());
            });
    return json.put("other_pending_uploads", report.pendingUploads())
        .put("deleted_probe_objects", report.probes().deletedObjects())
        .put("other_probe_objects", report.probes().otherObjects());
  }

  private static ObjectNode data(DataReport data) {
    ObjectNode json = SealedJson.object();
    json.put("deleted_objects", data.deletedObjects())
        .put("deleted_bytes", data.deletedBytes())
        .put("readable_objects", data.reachedObjects())
        .put("readable_bytes", data.reachedBytes())
        .put("attached_objects", data.attachedObjects())
        .put("attached_bytes", data.attachedBytes());
    ArrayNode fenced = json.putArray("fenced");
    data.fenced()
        .forEach(
            fence ->
                fenced
                    .addObject()
                    .put("producer", fence.producer())
                    .put("epoch", fence.epoch())
                    .put("unopened", fence.unopened())
                    .put("last_sign", fence.lastSign().toString()));
    ArrayNode held = json.putArray("held");
    for (DataReport.Held session : data.held()) {
      ObjectNode object = held.addObject();
      object
          .put("producer", session.producer())
          .put("epoch", session.epoch())
          .put("objects", session.objects())
          .put("bytes", session.bytes())
          .put("reason", session.reason());
      session.lastSign().ifPresent(sign -> object.put("last_sign", sign.toString()));
    }
    json.put("foreign_objects", data.foreignObjects()).put("foreign_bytes", data.foreignBytes());
    data.foreign().forEach(json.putArray("foreign")::add);
    return json;
  }

  private static ObjectNode history(HistoryReport history) {
    ObjectNode json = SealedJson.object();
    history.newHorizon().ifPresent(version -> json.put("new_horizon", version));
    json.put("horizon", history.horizon())
        .put("deleted_below", history.deletedBelow())
        .put("deleted_entries", history.deletedEntries())
        .put("deleted_snapshots", history.deletedRoots())
        .put("deleted_segments", history.deletedSegments())
        .put("deleted_bytes", history.deletedBytes());
    history.brokenRoots().forEach(json.putArray("broken_snapshots")::add);
    history.note().ifPresent(note -> json.put("note", note));
    return json;
  }
}
