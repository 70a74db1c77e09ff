// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.commit.AdaptiveCommitPolicy;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.log.Action;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.ProducerState;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.retention.LeadGate;
import dev.lakestream.retention.LeadLog;
import dev.lakestream.spark.options.Remainder;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.util.ArrowUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a streaming query on the driver: a session of its producer that makes one commit for
 * each epoch. The entry holds the whole steps, the rows that fill none as attachments, and the
 * number of the epoch as the producer's state, so that an epoch counts once (invariant 6) whatever
 * becomes of the driver.
 *
 * <p>Must:
 *
 * <ul>
 *   <li>commit an epoch only if the log does not say that it was;
 *   <li>hand each carried row to exactly one later commit, as a row of a step or as an attachment;
 *   <li>delete only what no entry has ever named, after the commit that could have is made.
 * </ul>
 *
 * <p>Thread-safe.
 */
final class QueryRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(QueryRun.class);

  private final WriteOptions options;
  private final ObjectStore store;
  private final LakeStream stream;
  private final LeadGate gate;
  private final ProducerSession session;
  private EpochState state;
  private Optional<WritePlan> latest = Optional.empty();
  private Optional<Kept> kept = Optional.empty();

  /**
   * What the last commit of this run carried on, so that it need not be read again.
   *
   * @param plan whose shape the slots have
   * @param shortSlot the bundle with the rows that fill no slot, which no step will ever name
   */
  private record Kept(WritePlan plan, TaskReceipt rows, Optional<ObjectKey> shortSlot) {}

  private QueryRun(
      WriteOptions options,
      ObjectStore store,
      LakeStream stream,
      LeadGate gate,
      ProducerSession session,
      EpochState state) {
    this.options = options;
    this.store = store;
    this.stream = stream;
    this.gate = gate;
    this.session = session;
    this.state = state;
  }

  /** Creates the stream if there is none, and fences the run before. */
  static QueryRun open(WriteOptions options, WriteTarget target, String query)
      throws IOException, InterruptedException {
    String producer = options.producer().orElse("spark-query-" + query);
    ObjectStore store = options.address().open();
    try {
      LakeStream stream = target.open(options, store);
      // Before it fences a producer that is somebody else's.
      EpochState.of(query, producer, stream.producer(producer).map(ProducerState::state));
      WriteTarget.checkNotSealed(options, stream);
      long seed = stream.environment().uuids().get().getLeastSignificantBits();
      ProducerSession session =
          ProducerSession.open(
              stream, producer, new AdaptiveCommitPolicy(producer, new SplittableRandom(seed)));
      LeadGate gate =
          new LeadGate(stream, options.maxLead(), new LeadLog("a query's producer " + producer));
      EpochState state = EpochState.of(query, producer, Optional.of(session.state()));
      return new QueryRun(options, store, stream, gate, session, state);
    } catch (IOException | InterruptedException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  boolean isOf(String query) {
    return state.query().equals(query);
  }

  /** The last epoch that is in the stream, −1 if none. */
  synchronized long committed() {
    return state.epoch();
  }

  /** What the tasks of the next epoch must know; waits while the stream is too far ahead. */
  synchronized WritePlan begin(WriteTarget target) throws IOException, InterruptedException {
    gate.awaitLead();
    WritePlan plan = target.plan(options, Optional.empty(), session.stamp());
    latest = Optional.of(plan);
    return plan;
  }

  /** Makes an epoch visible, if it is not. */
  synchronized void commit(long epoch, WritePlan plan, List<TaskReceipt> receipts)
      throws IOException, InterruptedException {
    if (state.covers(epoch)) {
      LOG.info("epoch {} of query {} is in {} already", epoch, state.query(), options.address());
      return;
    }
    try (BufferAllocator allocator = allocator()) {
      List<TaskReceipt> all = new ArrayList<>(carried(plan, allocator));
      all.addAll(receipts);
      StepAssembly steps = new StepAssembly();
      try (LastStep last =
          new StepArrangement(plan, store, Remainder.CARRY, allocator).addWholeSteps(steps, all)) {
        List<LeftOverCell> rest = last.carry(CarriedRows.MOST_BUNDLES);
        CommitContent.Inline content = steps.content();
        EpochState next =
            state.after(epoch, content.totals().rows(), content.totals().steps(), options.form());
        commit(content, next, CarriedRows.attachments(rest), List.of());
        Optional<ObjectKey> before = kept.flatMap(Kept::shortSlot);
        kept = Optional.of(keep(plan, last, rest));
        removeUnnamed(receipts, before, content, rest);
        LOG.info("epoch {}: {} rows are carried to the next one", epoch, last.rows());
      }
    }
  }

  /**
   * Makes a last step of what is carried, as the option says, and ends the session.
   *
   * @return empty if nothing is to be done
   */
  synchronized Optional<FlushedRows> end() throws IOException, InterruptedException {
    Remainder remainder = options.remainderOfQuery();
    if (remainder == Remainder.CARRY || latest.isEmpty() || session.attachments().isEmpty()) {
      return Optional.empty();
    }
    WritePlan plan = latest.get();
    try (BufferAllocator allocator = allocator()) {
      Arranged last =
          new StepArrangement(plan, store, remainder, allocator).of(carried(plan, allocator));
      CommitContent.Inline content = last.content();
      EpochState ended =
          state.ended(content.totals().rows(), content.totals().steps(), last.droppedRows());
      Action retirement = new Action.Retire(session.stamp().id(), session.stamp().epoch());
      CommitReceipt receipt = commit(content, ended, List.of(), List.of(retirement));
      kept = Optional.empty();
      return Optional.of(
          new FlushedRows(
              receipt.version(),
              content.totals().steps(),
              content.totals().rows(),
              last.droppedRows()));
    }
  }

  @Override
  public void close() {
    try {
      store.close();
    } catch (IOException e) {
      LOG.warn("a store was not closed: {}", e.toString());
    }
  }

  private CommitReceipt commit(
      CommitContent.Inline content,
      EpochState next,
      List<Attachment> attachments,
      List<Action> actions)
      throws IOException, InterruptedException {
    if (content.totals().steps() > 0) {
      gate.awaitLead();
    }
    CommitReceipt receipt =
        session.commit(
            new Commit(content, Optional.of(next.json()), attachments, Optional.empty(), actions));
    state = next;
    LOG.info(
        "version {} of {}: epoch {} of query {}, {} steps from step {} on, {} rows",
        receipt.version(),
        options.address(),
        next.epoch(),
        next.query(),
        receipt.steps(),
        receipt.firstStep(),
        content.totals().rows());
    return receipt;
  }

  /** The rows that the log says are carried, oldest first. */
  private List<TaskReceipt> carried(WritePlan plan, BufferAllocator allocator) throws IOException {
    if (kept.filter(known -> known.plan().equals(plan)).isPresent()) {
      return List.of(kept.get().rows());
    }
    return new CarriedRows(plan, store, allocator)
        .restore(session.attachments(), id -> stream.state().schemas().get(id).schema());
  }

  private static Kept keep(WritePlan plan, LastStep last, List<LeftOverCell> rest)
      throws IOException {
    boolean endsShort = last.restRows() > 0;
    int full = rest.size() - (endsShort ? 1 : 0);
    return new Kept(
        plan,
        TaskReceipt.unordered(List.of(), rest.subList(0, full), last.rest()),
        endsShort ? Optional.of(rest.get(full).bundle().key()) : Optional.empty());
  }

  /**
   * Removes the slots of this epoch that went into others, and the last epoch's short one. They are
   * of this run, no entry but that of the last epoch has named them, and as attachments only.
   */
  private void removeUnnamed(
      List<TaskReceipt> receipts,
      Optional<ObjectKey> shortSlot,
      CommitContent.Inline committed,
      List<LeftOverCell> rest) {
    Set<ObjectKey> candidates = new HashSet<>();
    shortSlot.ifPresent(candidates::add);
    receipts.forEach(
        receipt -> receipt.looseBundles().map(BundleDescriptor::key).forEach(candidates::add));
    committed.bundles().stream().map(BundleDescriptor::key).forEach(candidates::remove);
    rest.forEach(cell -> candidates.remove(cell.bundle().key()));
    for (ObjectKey key : candidates) {
      try {
        store.delete(key);
      } catch (IOException | LakestreamException e) {
        LOG.warn("{} was not removed, vacuum will: {}", key, e.toString());
      }
    }
  }

  private static BufferAllocator allocator() {
    return ArrowUtils.rootAllocator().newChildAllocator("lakestream epoch", 0, Long.MAX_VALUE);
  }
}
