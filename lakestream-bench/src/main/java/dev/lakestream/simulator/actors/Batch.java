// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.log.Action;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.simulator.checker.RowRange;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The next rows of a producer as bundles, steps and left-over rows. */
final class Batch {
  private final Stage stage;
  private final String id;
  private final ProducerSession session;
  private final List<BundleImage> uploads = new ArrayList<>();
  private final List<BundleDescriptor> bundles = new ArrayList<>();
  private final List<StepGroup> groups = new ArrayList<>();
  private final List<Attachment> left = new ArrayList<>();
  private long reached;
  private Optional<String> key = Optional.empty();

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
      left.add(new Attachment(name, upload(List.of(range)).descriptor()));
    }
  }

  /** A step of left-over rows, and of new ones if there are any. */
  private void gather(Attachment rest, long rows) {
    String[] held = rest.name().split("-", -1);
    long from = Long.parseLong(held[1]);
    long to = Long.parseLong(held[2]);
    List<BundleImage> parts = new ArrayList<>();
    parts.add(new BundleImage(rest.bundle().key(), List.of(new RowRange(id, from, to))));
    if (reached < rows) {
      parts.add(upload(List.of(next(rows, 1))));
    }
    List<CellRange> cells = new ArrayList<>();
    for (BundleImage part : parts) {
      cells.add(new CellRange(bundles.size(), 0, BundleImage.SLOTS, 0));
      bundles.add(part.descriptor());
    }
    RowRange all = new RowRange(id, from, reached);
    groups.add(new StepGroup.CellGroup(cells, BundleImage.record(all, parts)));
  }

  private void whole(long rows) {
    int steps = 1 + stage.random().nextInt(3);
    RowRange range = next(rows, steps);
    long each = Math.max(1, range.rows() / steps);
    List<RowRange> ranges = new ArrayList<>();
    for (long from = range.from(); from < range.to(); ) {
      boolean last = ranges.size() == steps - 1;
      long to = last ? range.to() : Math.min(range.to(), from + each);
      ranges.add(new RowRange(id, from, to));
      from = to;
    }
    BundleImage image = upload(ranges);
    bundles.add(image.descriptor());
    List<StepRecord> records = IntStream.range(0, ranges.size()).mapToObj(image::record).toList();
    groups.add(new StepGroup.BundleGroup(bundles.size() - 1, records));
  }

  private RowRange next(long rows, int steps) {
    long taken = Math.min(rows - reached, steps + stage.random().nextInt(2));
    RowRange range = new RowRange(id, reached, reached + taken);
    reached += taken;
    return range;
  }

  /** A bundle of these steps that has to be there before the commit. */
  private BundleImage upload(List<RowRange> steps) {
    BundleImage image = new BundleImage(session.newBundleKey(), steps);
    uploads.add(image);
    return image;
  }

  /** Whatever the store says, the objects are there when this returns (invariant 4). */
  void upload(SimulatedProcess process, ObjectStore store) throws IOException {
    for (BundleImage upload : uploads) {
      byte[] bytes = upload.bytes();
      String result = "FINISHED";
      if (stage.chance(0.2)) {
        try (ObjectUpload parts = store.upload(upload.key())) {
          parts.write(ByteBuffer.wrap(bytes));
          parts.finish();
        }
      } else {
        result = store.putIfAbsent(upload.key(), bytes).name();
      }
      stage.world().note(process.name(), "UPLOADED", upload.rows().toString(), result);
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
