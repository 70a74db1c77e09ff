// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.JsonObject;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.StepGroup.BundleGroup;
import dev.lakestream.log.StepGroup.CellGroup;
import dev.lakestream.store.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Bundles, step groups and segment references as JSON ({@code docs/format.md} §5.1, §5.2). */
public final class ContentJson {
  private static final int ALIGNMENT = 64;
  private static final int CELL_RANGE_WIDTH = 4;

  private ContentJson() {}

  /**
   * Adds the members {@code bundles} and {@code steps}, or {@code segments}, where there are any.
   */
  public static void write(CommitContent content, ObjectNode json) {
    if (content instanceof CommitContent.Inline inline) {
      if (!inline.bundles().isEmpty() || !inline.groups().isEmpty()) {
        ArrayNode bundles = json.putArray("bundles");
        inline.bundles().forEach(bundle -> bundles.add(writeBundle(bundle)));
        ArrayNode groups = json.putArray("steps");
        inline.groups().forEach(group -> groups.add(writeGroup(group)));
      }
    } else if (content instanceof CommitContent.Segmented segmented) {
      ArrayNode segments = json.putArray("segments");
      segmented.segments().forEach(segment -> segments.add(writeSegment(segment)));
    }
  }

  /** Reads the same members. */
  public static CommitContent read(JsonObject json) {
    List<SegmentRef> segments =
        json.objects("segments", Limits.COMMIT_STEPS, ContentJson::readSegment);
    List<BundleDescriptor> bundles =
        json.objects("bundles", Limits.COMMIT_STEPS, ContentJson::readBundle);
    List<StepGroup> groups =
        json.objects("steps", Limits.COMMIT_STEPS, group -> readGroup(group, bundles));
    if (!segments.isEmpty() && !(bundles.isEmpty() && groups.isEmpty())) {
      throw json.corrupt("it has both segments and steps of its own");
    }
    CommitContent content =
        segments.isEmpty()
            ? new CommitContent.Inline(bundles, groups)
            : new CommitContent.Segmented(segments);
    checkTotals(json, content);
    return content;
  }

  private static void checkTotals(JsonObject json, CommitContent content) {
    try {
      Totals totals = content.totals();
      if (totals.steps() > Limits.COMMIT_STEPS
          || Math.max(totals.rows(), totals.tokens()) > Limits.MAX_INTEGER) {
        throw json.corrupt("its totals exceed the limits");
      }
    } catch (ArithmeticException e) {
      throw json.corrupt("its totals overflow");
    }
  }

  /** A bundle descriptor as JSON. */
  public static ObjectNode writeBundle(BundleDescriptor bundle) {
    ObjectNode json = SealedJson.object();
    json.put("key", bundle.key().value())
        .put("bytes", bundle.bytes())
        .put("format", bundle.format().label())
        .put("schema", bundle.schema())
        .put("steps", bundle.steps())
        .put("slots", bundle.slots())
        .put("pieces", bundle.pieces());
    ObjectNode runs = json.putObject("runs");
    if (bundle.runs() instanceof RunLayout.Strided strided) {
      runs.put("base", strided.base()).put("stride", strided.stride());
    } else {
      ArrayNode starts = runs.putArray("starts");
      for (int run = 0; run <= bundle.runs().runs(); run++) {
        starts.add(bundle.runs().start(run));
      }
    }
    return json;
  }

  /** Reads a bundle descriptor. */
  public static BundleDescriptor readBundle(JsonObject json) {
    long bytes = json.integer("bytes", 0, Limits.BUNDLE_BYTES);
    ObjectKey key = json.key("key");
    BundleFormat format = readFormat(json, key);
    int slots = json.integer("slots", 1, Limits.SLOTS);
    int pieces = json.integer("pieces", 1, Limits.PIECES);
    if ((long) slots * pieces > Limits.RUNS) {
      throw json.corrupt("slots × pieces is more than " + Limits.RUNS);
    }
    return new BundleDescriptor(
        key,
        bytes,
        format,
        json.integer("schema", 0, Integer.MAX_VALUE),
        json.integer("steps", 1, Limits.BUNDLE_STEPS),
        slots,
        pieces,
        readRuns(json.object("runs"), slots * pieces, bytes));
  }

  private static BundleFormat readFormat(JsonObject json, ObjectKey key) {
    String label = json.string("format", 32);
    BundleFormat format =
        BundleFormat.of(label)
            .orElseThrow(() -> json.corrupt("unknown bundle format '" + label + "'"));
    if (key.value().endsWith(".parquet") != (format == BundleFormat.PARQUET)) {
      throw json.corrupt("a bundle of the format '" + label + "' has the key " + key);
    }
    return format;
  }

  private static RunLayout readRuns(JsonObject json, int runs, long bytes) {
    boolean listed = json.hasItems("starts");
    if (listed == (json.has("base") || json.has("stride"))) {
      throw json.corrupt("runs have either starts or base and stride");
    }
    if (listed) {
      long[] starts = json.integers("starts", runs + 1);
      if (starts.length != runs + 1) {
        throw json.corrupt(starts.length + " starts are given, " + (runs + 1) + " are wanted");
      }
      for (int run = 0; run < runs; run++) {
        if (starts[run] % ALIGNMENT != 0 || starts[run] >= starts[run + 1]) {
          throw json.corrupt("the runs are not aligned or do not increase at run " + run);
        }
      }
      if (starts[0] < ALIGNMENT || starts[runs] % ALIGNMENT != 0 || starts[runs] > bytes) {
        throw json.corrupt("the runs do not lie inside of the bundle");
      }
      return RunLayout.of(starts);
    }
    long base = json.integer("base", ALIGNMENT, Limits.BUNDLE_BYTES);
    long stride = json.integer("stride", ALIGNMENT, Limits.BUNDLE_BYTES);
    if (base % ALIGNMENT != 0 || stride % ALIGNMENT != 0) {
      throw json.corrupt("base or stride is no multiple of " + ALIGNMENT);
    }
    if (stride > (bytes - base) / runs) {
      throw json.corrupt("the runs do not lie inside of the bundle");
    }
    return new RunLayout.Strided(base, stride, runs);
  }

  private static ObjectNode writeGroup(StepGroup group) {
    ObjectNode json = SealedJson.object();
    if (group instanceof BundleGroup bundle) {
      json.put("bundle", bundle.bundle());
    } else if (group instanceof CellGroup cells) {
      ArrayNode ranges = json.putArray("cells");
      for (CellRange range : cells.cells()) {
        ranges
            .addArray()
            .add(range.bundle())
            .add(range.slot())
            .add(range.count())
            .add(range.step());
      }
    }
    ArrayNode steps = json.putArray("steps");
    group.steps().forEach(step -> steps.add(writeStep(step)));
    return json;
  }

  private static StepGroup readGroup(JsonObject json, List<BundleDescriptor> bundles) {
    List<StepRecord> steps = json.objects("steps", Limits.BUNDLE_STEPS, ContentJson::readStep);
    boolean gathered = json.hasItems("cells");
    if (json.has("bundle") == gathered) {
      throw json.corrupt("a group takes either a bundle or cells");
    }
    if (gathered) {
      if (steps.size() != 1) {
        throw json.corrupt("a group of cells is one step, it has " + steps.size() + " records");
      }
      return new CellGroup(readCells(json, bundles), steps.get(0));
    }
    int bundle = json.integer("bundle", 0, bundles.size() - 1);
    if (steps.size() != bundles.get(bundle).steps()) {
      throw json.corrupt(
          "the bundle has "
              + bundles.get(bundle).steps()
              + " steps, the group "
              + steps.size()
              + " records");
    }
    return new BundleGroup(bundle, steps);
  }

  private static List<CellRange> readCells(JsonObject json, List<BundleDescriptor> bundles) {
    List<CellRange> ranges =
        json.integerTuples("cells", Limits.SLOTS, CELL_RANGE_WIDTH).stream()
            .map(tuple -> readCellRange(json, tuple, bundles))
            .toList();
    BundleDescriptor first = bundles.get(ranges.get(0).bundle());
    long slots = 0;
    for (CellRange range : ranges) {
      BundleDescriptor bundle = bundles.get(range.bundle());
      if (bundle.schema() != first.schema() || bundle.pieces() != first.pieces()) {
        throw json.corrupt("bundles of different schema or pieces in one step");
      }
      slots += range.count();
    }
    if (slots > Limits.SLOTS || slots * first.pieces() > Limits.RUNS) {
      throw json.corrupt(
          "the step has more than "
              + Limits.SLOTS
              + " slots, or slots × pieces is more than "
              + Limits.RUNS);
    }
    return ranges;
  }

  private static CellRange readCellRange(
      JsonObject json, long[] tuple, List<BundleDescriptor> bundles) {
    if (tuple[0] >= bundles.size()) {
      throw json.corrupt("there is no bundle " + tuple[0]);
    }
    BundleDescriptor bundle = bundles.get((int) tuple[0]);
    boolean inside =
        tuple[2] >= 1
            && tuple[1] < bundle.slots()
            && tuple[2] <= bundle.slots() - tuple[1]
            && tuple[3] < bundle.steps();
    if (!inside) {
      throw json.corrupt("cells outside of bundle " + bundle.key());
    }
    return new CellRange((int) tuple[0], (int) tuple[1], (int) tuple[2], (int) tuple[3]);
  }

  private static ObjectNode writeStep(StepRecord step) {
    ObjectNode json = SealedJson.object();
    json.put("rows", step.rows()).put("tokens", step.tokens());
    step.lossTokensIfSaid().ifPresent(tokens -> json.put("loss_tokens", tokens));
    json.put("digest", step.digest().hex());
    if (!step.sources().isEmpty()) {
      ObjectNode sources = json.putObject("sources");
      step.sources().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(source -> sources.put(source.getKey(), source.getValue()));
    }
    if (!step.tags().isEmpty()) {
      step.tags().forEach(json.putArray("tags")::add);
    }
    if (!step.attributes().isEmpty()) {
      ObjectNode attributes = json.putObject("attributes");
      step.attributes().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(attribute -> attributes.put(attribute.getKey(), attribute.getValue()));
    }
    return json;
  }

  private static StepRecord readStep(JsonObject json) {
    Map<String, String> attributes =
        json.stringMap("attributes", Limits.ATTRIBUTE_BYTES, Limits.ATTRIBUTE_BYTES);
    long attributeBytes = 0;
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      attributeBytes += utf8Length(attribute.getKey()) + utf8Length(attribute.getValue());
    }
    if (attributeBytes > Limits.ATTRIBUTE_BYTES) {
      throw json.corrupt("the attributes have more than " + Limits.ATTRIBUTE_BYTES + " bytes");
    }
    return new StepRecord(
        json.integer("rows"),
        json.integer("tokens"),
        json.optionalInteger("loss_tokens").orElse(StepRecord.UNSAID),
        json.digest("digest"),
        json.integerMap("sources", Limits.SOURCES, Limits.SOURCE_LENGTH),
        json.strings("tags", Limits.TAGS, Limits.TAG_LENGTH),
        attributes);
  }

  private static int utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static ObjectNode writeSegment(SegmentRef segment) {
    return SealedJson.object()
        .put("key", segment.key().value())
        .put("bytes", segment.bytes())
        .put("sha256", segment.sha256().hex())
        .put("steps", segment.totals().steps())
        .put("rows", segment.totals().rows())
        .put("tokens", segment.totals().tokens());
  }

  private static SegmentRef readSegment(JsonObject json) {
    return new SegmentRef(
        json.key("key"),
        json.integer("bytes", 1, Limits.SEGMENT_BYTES),
        json.digest("sha256"),
        new Totals(
            json.integer("steps", 1, Limits.COMMIT_STEPS),
            json.integer("rows"),
            json.integer("tokens")));
  }
}
