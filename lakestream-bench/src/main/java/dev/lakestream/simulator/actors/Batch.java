// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.format.Digest;
import dev.lakestream.log.Action;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.RunLayout;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.simulator.checker.RowRange;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The next rows of a producer as bundles, steps and left-over rows. The bundles hold nothing but
 * the range of their rows, which is all that the protocol cares for.
 */
final class Batch {
  private static final int SLOTS = 2;
  private static final int RUN = 128;

  private final Stage stage;
  private final String id;
  private final ProducerSession session;
  private final List<Upload> uploads = new ArrayList<>();
  private final List<BundleDescriptor> bundles = new ArrayList<>();
  private final List<StepGroup> groups = new ArrayList<>();
  private final List<Attachment> left = new ArrayList<>();
  private long reached;
  private Optional<String> key = Optional.empty();

  /** An object that has to be there before the commit. */
  private record Upload(ObjectKey key, String content) {}

  Batch(Stage stage, String id, ProducerSession session) {
    this.stage = stage;
    this.id = id;
    this.session = session;
  }

  /** Takes what was left over, then some rows from here, and leaves some perhaps. */
  void take(long position, long rows) {
    reached = position;
    if (stage.chance(0.2)) {
      key = Optional.of(id + "@" + position + "-" + session.attachments().size());
    }
    ProducerActor.rest(session).ifPresent(rest -> gather(rest, rows));
    if (groups.isEmpty() || (stage.chance(0.5) && reached < rows)) {
      whole(rows);
    }
    if (reached < rows && stage.chance(0.15)) {
      RowRange range = next(rows, 1);
      String name = "rest-" + range.from() + "-" + range.to();
      left.add(new Attachment(name, bundle(range, 1)));
    }
  }

  /** A step of left-over rows, and of new ones if there are any. */
  private void gather(Attachment rest, long rows) {
    String[] held = rest.name().split("-", -1);
    long from = Long.parseLong(held[1]);
    bundles.add(rest.bundle());
    List<CellRange> cells = new ArrayList<>(List.of(new CellRange(0, 0, SLOTS, 0)));
    if (reached < rows) {
      bundles.add(bundle(next(rows, 1), 1));
      cells.add(new CellRange(1, 0, SLOTS, 0));
    }
    groups.add(new StepGroup.CellGroup(cells, record(new RowRange(id, from, reached))));
  }

  private void whole(long rows) {
    int steps = 1 + stage.random().nextInt(3);
    RowRange range = next(rows, steps);
    long each = Math.max(1, range.rows() / steps);
    List<StepRecord> records = new ArrayList<>();
    for (long from = range.from(); from < range.to(); ) {
      boolean last = records.size() == steps - 1;
      long to = last ? range.to() : Math.min(range.to(), from + each);
      records.add(record(new RowRange(id, from, to)));
      from = to;
    }
    bundles.add(bundle(range, records.size()));
    groups.add(new StepGroup.BundleGroup(bundles.size() - 1, records));
  }

  private RowRange next(long rows, int steps) {
    long taken = Math.min(rows - reached, steps + stage.random().nextInt(2));
    RowRange range = new RowRange(id, reached, reached + taken);
    reached += taken;
    return range;
  }

  private BundleDescriptor bundle(RowRange range, int steps) {
    ObjectKey bundleKey = session.newBundleKey();
    uploads.add(new Upload(bundleKey, range.toString()));
    return new BundleDescriptor(
        bundleKey,
        64 + RUN * SLOTS,
        BundleFormat.ARROW,
        0,
        steps,
        SLOTS,
        1,
        new RunLayout.Strided(64, RUN, SLOTS));
  }

  private static StepRecord record(RowRange range) {
    String tag = range.toString();
    return new StepRecord(
        range.rows(),
        range.rows() * 10,
        StepRecord.UNSAID,
        Digest.of(tag.getBytes(StandardCharsets.UTF_8)),
        Map.of(),
        List.of(tag),
        Map.of());
  }

  /** Whatever the store says, the objects are there when this returns (invariant 4). */
  void upload(SimulatedProcess process, ObjectStore store) throws IOException {
    for (Upload upload : uploads) {
      byte[] bytes = upload.content().getBytes(StandardCharsets.UTF_8);
      String result = "FINISHED";
      if (stage.chance(0.2)) {
        try (ObjectUpload parts = store.upload(upload.key())) {
          parts.write(ByteBuffer.wrap(bytes));
          parts.finish();
        }
      } else {
        result = store.putIfAbsent(upload.key(), bytes).name();
      }
      stage.world().note(process.name(), "UPLOADED", upload.content(), result);
    }
  }

  /** The producer's position after these rows. */
  long reached() {
    return reached;
  }

  Commit commit(String state) {
    List<Action> none = List.of();
    return new Commit(
        new CommitContent.Inline(bundles, groups), Optional.of(state), left, key, none);
  }
}
