// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.stream.CommitWalk;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Deletes the data that nothing reaches and nobody can commit any more.
 *
 * <p>Must (invariant 8), in this order: list the data; read the log to its tail; delete what was
 * listed, is not reachable in that state, and belongs to a session that is fenced in that state. An
 * object that was uploaded after the listing is not looked at; one that was committed before the
 * log was read is reachable; one that could be committed later has a session that is not fenced.
 */
final class DataSweep {
  private static final int FENCES_OF_AN_ENTRY = 256;
  private static final int NAMED_FOREIGN = 10;

  private final LakeStream stream;
  private final VacuumOptions options;
  private final VacuumListener listener;
  private final Instant now;

  /**
   * A sweep.
   *
   * @param now by the store's clock
   */
  DataSweep(LakeStream stream, VacuumOptions options, VacuumListener listener, Instant now) {
    this.stream = stream;
    this.options = options;
    this.listener = listener;
    this.now = now;
  }

  /**
   * Sweeps, or plans to.
   *
   * @param firstReadable what the first readable step would be, for a plan
   */
  DataReport run(long firstReadable) throws IOException, InterruptedException {
    listener.begin("list data", -1);
    DataInventory inventory =
        new DataInventory(stream.store().list(StreamKeys.DATA, Optional.empty()));
    stream.refresh();
    long walked = reach(inventory, firstReadable);
    Map<String, Instant> signs = new TreeMap<>();
    List<Fence> fences = lost(inventory, signs);
    if (!options.dryRun() && !fences.isEmpty()) {
      fences = fence(fences);
      stream.refresh();
      // A zombie may have committed between the two looks: what it named is needed.
      reach(inventory, walked);
    }
    DataInventory.Extent readable = inventory.reached();
    reachAttachments(inventory);
    Set<StreamKeys.Owner> fenced = new HashSet<>();
    for (StreamKeys.Owner session : inventory.unreachedBySession().keySet()) {
      if (isFenced(session, fences)) {
        fenced.add(session);
      }
    }
    List<ObjectInfo> garbage = inventory.unreachedOf(fenced::contains);
    delete(garbage);
    return report(inventory, readable, garbage, fences, fenced, signs);
  }

  /** Takes what readable steps need out of the inventory; returns the step after the last one. */
  private long reach(DataInventory inventory, long fromStep) throws IOException {
    while (true) {
      CommitWalk walk = stream.commits();
      try {
        reach(inventory, walk, fromStep);
        return walk.state().nextStep();
      } catch (CorruptObjectException e) {
        // Another vacuum removed the snapshot that we walk along: begin anew with a newer one.
        stream.passOver(e);
      }
    }
  }

  private void reach(DataInventory inventory, CommitWalk walk, long fromStep) throws IOException {
    // A fork's own: what lies before is in its parent's log, and its parent's data.
    long own = Math.max(walk.state().firstReadable(), walk.state().firstOwn());
    long begin = Math.max(fromStep, own);
    listener.begin("walk through steps", walk.state().nextStep() - begin);
    walk.visit(
        begin,
        new CommitWalk.Visitor() {
          @Override
          public void commit(CondensedCommit commit) {
            listener.advance(commit.nextStep() - begin);
          }

          @Override
          public void segment(SegmentRef segment) {
            inventory.reach(segment.key());
          }

          @Override
          public void bundle(BundleDescriptor bundle) {
            inventory.reach(bundle.key());
          }
        });
  }

  /** Takes what producers left for their next commits out of the inventory. */
  private void reachAttachments(DataInventory inventory) {
    for (ProducerState producer : stream.producers()) {
      for (Attachment attachment : producer.attachments()) {
        inventory.reach(attachment.bundle().key());
      }
    }
  }

  private boolean isFenced(StreamKeys.Owner session, List<Fence> planned) {
    return LostProducers.isFenced(stream.producer(session.producer()), session.epoch())
        || (options.dryRun()
            && planned.stream()
                .anyMatch(
                    fence ->
                        fence.producer().equals(session.producer())
                            && session.epoch() <= fence.epoch()));
  }

  private List<Fence> lost(DataInventory inventory, Map<String, Instant> signs) throws IOException {
    List<StreamKeys.Owner> blocked =
        inventory.unreachedBySession().keySet().stream()
            .filter(session -> !isFenced(session, List.of()))
            .toList();
    if (blocked.isEmpty()) {
      return List.of();
    }
    NavigableMap<Long, Instant> entries = entryTimes();
    Map<String, Instant> uploads = uploadTimes();
    for (StreamKeys.Owner session : blocked) {
      String producer = session.producer();
      Instant sign = inventory.newest(producer).orElse(Instant.MIN);
      sign = latest(sign, uploads.getOrDefault(producer, Instant.MIN));
      sign = latest(sign, commitTime(producer, entries));
      signs.put(producer, sign);
    }
    return LostProducers.toFence(
        new HashSet<>(blocked), stream::producer, signs::get, now, options.lostAfter());
  }

  /**
   * When the store stamped the producer's last commit, or at the latest when it stamped the next
   * entry that is still there: the entries before may have been removed.
   */
  private Instant commitTime(String producer, NavigableMap<Long, Instant> entries) {
    return stream
        .producer(producer)
        .map(known -> entries.ceilingEntry(known.version()))
        .map(Map.Entry::getValue)
        .orElse(Instant.MIN);
  }

  private NavigableMap<Long, Instant> entryTimes() throws IOException {
    NavigableMap<Long, Instant> times = new TreeMap<>();
    for (ObjectInfo info : stream.store().list(StreamKeys.LOG, Optional.empty())) {
      OptionalLong version = StreamKeys.version(info.key());
      if (version.isPresent() && StreamKeys.entry(version.getAsLong()).equals(info.key())) {
        times.put(version.getAsLong(), info.lastModified());
      }
    }
    return times;
  }

  private Map<String, Instant> uploadTimes() throws IOException {
    Map<String, Instant> times = new TreeMap<>();
    for (PendingUpload upload : stream.store().pendingUploads()) {
      upload
          .key()
          .flatMap(StreamKeys::uploader)
          .ifPresent(
              owner -> times.merge(owner.producer(), upload.lastTouched(), DataSweep::latest));
    }
    return times;
  }

  private static Instant latest(Instant left, Instant right) {
    return left.isAfter(right) ? left : right;
  }

  /** Those that are fenced now; who came back in the meantime is not. */
  private List<Fence> fence(List<Fence> fences) throws IOException, InterruptedException {
    listener.begin("fence lost producers", fences.size());
    List<Fence> fenced = new ArrayList<>();
    List<Fence> known = fences.stream().filter(fence -> !fence.unopened()).toList();
    for (int i = 0; i < known.size(); i += FENCES_OF_AN_ENTRY) {
      List<Fence> some = known.subList(i, Math.min(i + FENCES_OF_AN_ENTRY, known.size()));
      if (commit(some)) {
        fenced.addAll(some);
      } else {
        for (Fence one : some) {
          if (commit(List.of(one))) {
            fenced.add(one);
          }
        }
      }
    }
    for (Fence fence : fences) {
      if (fence.unopened() && open(fence)) {
        fenced.add(fence);
      }
    }
    return fenced;
  }

  private boolean commit(List<Fence> fences) throws IOException, InterruptedException {
    try {
      new StreamControl(stream)
          .commit(
              fences.stream()
                  .map(fence -> new Action.Retire(fence.producer(), fence.epoch()))
                  .toArray(Action[]::new));
      return true;
    } catch (CommitRejectedException e) {
      return false;
    }
  }

  private boolean open(Fence fence) throws IOException, InterruptedException {
    try {
      new StreamControl(stream).fence(fence.producer(), fence.epoch());
      return true;
    } catch (CommitRejectedException e) {
      return false;
    }
  }

  private void delete(List<ObjectInfo> garbage) throws IOException {
    if (!options.dryRun()) {
      listener.begin("delete data", garbage.size());
      long done = 0;
      for (ObjectInfo info : garbage) {
        stream.store().delete(info.key());
        listener.advance(++done);
      }
    }
  }

  private DataReport report(
      DataInventory inventory,
      DataInventory.Extent readable,
      List<ObjectInfo> garbage,
      List<Fence> fences,
      Set<StreamKeys.Owner> fenced,
      Map<String, Instant> signs) {
    List<DataReport.Held> held = new ArrayList<>();
    inventory
        .unreachedBySession()
        .forEach(
            (session, extent) -> {
              if (!fenced.contains(session)) {
                held.add(
                    new DataReport.Held(
                        session.producer(),
                        session.epoch(),
                        extent.objects(),
                        extent.bytes(),
                        reason(session),
                        Optional.ofNullable(signs.get(session.producer()))));
              }
            });
    List<ObjectKey> foreign = inventory.foreign();
    return new DataReport(
        garbage.size(),
        garbage.stream().mapToLong(ObjectInfo::size).sum(),
        readable.objects(),
        readable.bytes(),
        inventory.reached().objects() - readable.objects(),
        inventory.reached().bytes() - readable.bytes(),
        fences,
        held,
        foreign.size(),
        inventory.foreignBytes(),
        foreign.stream().limit(NAMED_FOREIGN).map(ObjectKey::value).toList());
  }

  private String reason(StreamKeys.Owner session) {
    long current = stream.producer(session.producer()).map(ProducerState::epoch).orElse(0L);
    if (session.epoch() == current) {
      return "its session may still commit them: it is fenced when the producer opens again, is"
          + " retired, or shows no sign of life for "
          + options.lostAfter();
    } else if (session.epoch() == current + 1) {
      return "the log knows no opening of this epoch: it is fenced when the producer shows no sign"
          + " of life for "
          + options.lostAfter();
    }
    return "the log knows no opening of this epoch, nor of the one before: no writer of ours left"
        + " them, delete them by hand if they are nobody's";
  }
}
