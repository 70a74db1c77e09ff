// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.arrow.reader.RankShare;
import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.SlotDirectories;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.cli.StreamJson;
import dev.lakestream.format.Digest;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.RecordedSkip;
import dev.lakestream.reader.Cursor;
import dev.lakestream.reader.Topology;
import dev.lakestream.stream.CommitOrigin;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Everything that can be told of a step, as JSON: what the log says of it and of the commit that
 * made it visible, where its bytes are, who gets them, and its first rows.
 *
 * @param rules of the cursor, and of the question whether the step is delivered
 * @param rank whose share is told; empty for all slots
 * @param rows how many of the first ones
 */
record StepExplanation(long step, long rules, Optional<Topology> rank, int rows) {
  private static final ReaderOptions AT_ONCE = ReaderOptions.defaults().withDeadline(Duration.ZERO);

  /**
   * Reads the log and the directories of runs, and of cells no more than the rows need.
   *
   * @throws dev.lakestream.error.StepUnavailableException if the step is trimmed or not committed
   * @throws dev.lakestream.error.InvalidRequestException if the rank's topology does not divide it
   */
  ObjectNode of(LakeStream stream) throws IOException, InterruptedException {
    CommittedGroup group = stream.groupOf(step);
    rank.ifPresent(topology -> topology.slotsPerRank(group.slots()));
    ObjectNode json = StreamJson.step(group, step);
    CommitOrigin origin = CommitOrigin.of(stream, group);
    json.put("stream", stream.id().toString());
    json.putObject("from_stream")
        .put("id", origin.home().id().toString())
        .put("ancestor", group.ancestor());
    addCommit(stream, group, origin, json.putObject("commit"));
    addSkips(stream, json);
    addCursor(stream, json.putObject("cursor"));
    json.set("bundles", StepParts.bundles(group, step));
    json.set("cells", StepParts.cells(group, step));
    addContent(stream, group, json);
    return json;
  }

  private static void addCommit(
      LakeStream stream, CommittedGroup group, CommitOrigin origin, ObjectNode json)
      throws IOException {
    json.put("entry", StreamKeys.entry(group.version()).value())
        .put("entry_digest", group.entry().hex())
        .put("first_step", stream.firstStepOf(group.version()))
        .put("entry_is_there", origin.entry().isPresent());
    origin.entry().ifPresent(entry -> addEntry(entry, json));
    addState("state_before", origin.stateBefore(), json);
    addState("state_after", origin.stateAfter(), json);
  }

  /** As the producer wrote it; null if nobody can tell any more. */
  private static void addState(String name, Optional<String> state, ObjectNode json) {
    state.ifPresentOrElse(text -> json.put(name, text), () -> json.putNull(name));
  }

  private static void addEntry(LogEntry entry, ObjectNode json) {
    json.put("steps", entry.content().totals().steps())
        .put("id", entry.id().toString())
        .put("writer", entry.writer());
    entry.idempotence().ifPresent(key -> json.put("idempotence", key));
    entry
        .repeat()
        .ifPresent(
            range -> json.putObject("repeat").put("from", range.from()).put("to", range.to()));
    ArrayNode attachments = json.putArray("attachments");
    entry.attachments().stream().map(Attachment::name).forEach(attachments::add);
  }

  private void addSkips(LakeStream stream, ObjectNode json) {
    boolean delivered = true;
    ArrayNode skips = json.putArray("skips");
    for (RecordedSkip skip : stream.state().skips()) {
      if (skip.covers(step)) {
        delivered &= skip.version() > rules;
        skips
            .addObject()
            .put("rules", skip.version())
            .put("from", skip.from())
            .put("to", skip.to())
            .put("reason", skip.reason());
      }
    }
    json.put("delivered", delivered);
  }

  /** Where the step before is trimmed there is nothing to compare any more (format §10). */
  private void addCursor(LakeStream stream, ObjectNode json) throws IOException {
    Cursor cursor =
        step > 0 && step == stream.firstReadable()
            ? new Cursor(stream.id(), step, rules, Digest.ZERO, Digest.ZERO)
            : stream.cursor(step, rules);
    json.put("stream", cursor.stream().toString())
        .put("next_step", cursor.nextStep())
        .put("rules", cursor.rules())
        .put("chain", cursor.chain().hex())
        .put("digest", cursor.digest().hex());
  }

  private void addContent(LakeStream stream, CommittedGroup group, ObjectNode json)
      throws IOException, InterruptedException {
    Topology topology = rank.orElse(Topology.whole());
    try (BufferAllocator allocator = new RootAllocator()) {
      RankShare share = RankShare.of(stream, group, topology, allocator);
      try (SlotDirectories directories =
          SlotDirectories.open(
              stream.storeOf(group), group, share.firstSlot(), share.slots(), allocator)) {
        if (share.slots() == group.slots()) {
          json.put("digest_fits", StepParts.fits(directories, group, step));
        }
        json.set("slot_counts", StepParts.slots(directories, step, share.firstSlot()));
        json.set(
            "stored_cells", StepParts.storedCells(directories, step, share.pieces()::contains));
      }
      if (rank.isPresent()) {
        addRank(topology, share, json);
      }
      addRows(stream, group, share, json.putArray("first_rows"), allocator);
    }
  }

  private static void addRank(Topology topology, RankShare share, ObjectNode json) {
    ObjectNode object = json.putObject("rank");
    object
        .put("dp_rank", topology.dpRank())
        .put("dp_size", topology.dpSize())
        .put("cp_rank", topology.cpRank())
        .put("cp_size", topology.cpSize())
        .put("split", RankOptions.label(topology.split()))
        .put("first_slot", share.firstSlot())
        .put("slots", share.slots());
    long tokens = 0;
    long count = 0;
    for (var slot : json.get("slot_counts")) {
      tokens += slot.get("tokens").longValue();
      count += slot.get("rows").longValue();
    }
    object.put("rows", count).put("tokens", tokens);
    share.pieces().forEach(object.putArray("pieces")::add);
    ArrayNode ranges = object.putArray("ranges");
    for (RankShare.Range range : share.ranges()) {
      ranges
          .addObject()
          .put("bundle", range.bundle().value())
          .put("offset", range.offset())
          .put("bytes", range.length());
    }
  }

  /** Slot by slot, so that no more is fetched than the rows need. */
  private void addRows(
      LakeStream stream,
      CommittedGroup group,
      RankShare share,
      ArrayNode shown,
      BufferAllocator allocator)
      throws IOException, InterruptedException {
    Topology whole = rank.orElse(Topology.whole());
    for (int slot = share.firstSlot();
        slot < share.firstSlot() + share.slots() && shown.size() < rows;
        slot++) {
      Topology alone =
          Topology.of(slot, group.slots())
              .withContextParallel(whole.cpRank(), whole.cpSize(), whole.split());
      try (StepReader reader = StepReader.open(stream, alone, step, AT_ONCE, allocator)) {
        reader.next();
        for (SlotBatch batch : reader.batches()) {
          RowJson.add(batch, rows, shown);
        }
      }
    }
  }
}
