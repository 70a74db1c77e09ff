// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.arrow.reader.SlotDirectories;
import dev.lakestream.arrow.reader.StoredCell;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** What a step is made of, as JSON: bundles, ranges of cells, slots, single cells. */
final class StepParts {
  private StepParts() {}

  /** Which slots come from which bundle. */
  static ArrayNode cells(CommittedGroup group, long step) {
    ArrayNode cells = SealedJson.object().putArray("cells");
    for (CellSource source : group.sources(step)) {
      cells
          .addObject()
          .put("bundle", source.bundle().key().value())
          .put("first_slot", source.slot())
          .put("slots", source.count())
          .put("bundle_slot", source.bundleSlot())
          .put("bundle_step", source.bundleStep());
    }
    return cells;
  }

  /** The bundles that the step has cells in. */
  static ArrayNode bundles(CommittedGroup group, long step) {
    Map<String, BundleDescriptor> bundles = new LinkedHashMap<>();
    group
        .sources(step)
        .forEach(source -> bundles.put(source.bundle().key().value(), source.bundle()));
    ArrayNode json = SealedJson.object().putArray("bundles");
    for (BundleDescriptor bundle : bundles.values()) {
      json.addObject()
          .put("key", bundle.key().value())
          .put("bytes", bundle.bytes())
          .put("schema", bundle.schema())
          .put("steps", bundle.steps())
          .put("slots", bundle.slots())
          .put("pieces", bundle.pieces());
    }
    return json;
  }

  /**
   * Rows, tokens and digest of slots.
   *
   * @param first the slot that the directories begin with
   */
  static ArrayNode slots(SlotDirectories directories, long step, int first) {
    ArrayNode json = SealedJson.object().putArray("slots");
    int slot = first;
    for (SlotSummary summary : directories.slots(step)) {
      json.addObject()
          .put("slot", slot++)
          .put("rows", summary.rows())
          .put("tokens", summary.tokens())
          .put("digest", summary.digest().hex());
    }
    return json;
  }

  /** Whether all slots together have the digest that the log says. */
  static boolean fits(SlotDirectories directories, CommittedGroup group, long step) {
    List<SlotSummary> slots = directories.slots(step);
    return StepDigest.of(slots.stream().map(SlotSummary::digest).toList())
        .equals(group.step(step).digest());
  }

  /** Where each cell of some pieces lies. */
  static ArrayNode storedCells(SlotDirectories directories, long step, IntPredicate piece) {
    ArrayNode json = SealedJson.object().putArray("stored_cells");
    for (StoredCell cell : directories.cells(step)) {
      if (piece.test(cell.piece())) {
        ObjectNode object = json.addObject();
        object
            .put("slot", cell.slot())
            .put("piece", cell.piece())
            .put("bundle", cell.bundle().value())
            .put("bundle_slot", cell.bundleSlot())
            .put("bundle_step", cell.bundleStep())
            .put("offset", cell.offset())
            .put("bytes", cell.length())
            .put("rows", cell.rows())
            .put("tokens", cell.tokens())
            .put("crc32c", String.format("%08x", cell.crc32c()));
      }
    }
    return json;
  }
}
