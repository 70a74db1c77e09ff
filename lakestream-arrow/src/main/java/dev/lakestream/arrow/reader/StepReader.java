// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.log.StepRecord;
import dev.lakestream.reader.Cursor;
import dev.lakestream.reader.Topology;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Reads a rank's share of a stream, step after step:
 *
 * <pre>{@code
 * try (StepReader reader = StepReader.open(stream, topology, cursor, options, allocator)) {
 *   while (reader.next()) {
 *     for (SlotBatch batch : reader.batches()) { … }
 *     checkpoint(reader.cursor());
 *   }
 * }
 * }</pre>
 *
 * <p>What it delivers is a function of stream, rules version, topology and step (invariant 7): it
 * holds no state but the number of the next step. It fetches only the share of its rank, one range
 * for each bundle and piece; the vectors point into that range. With a budget for it, shares of
 * steps to come are fetched in the background.
 *
 * <p>With {@link ReaderOptions.Vectors#REUSED} the vectors are the same for each step and are only
 * pointed elsewhere: nothing is allocated for a step in steady state, and what a step delivered ends
 * with the next call of {@link #next()} or {@link #close()}.
 *
 * <p>Not thread-safe. Owns neither the stream nor the allocator.
 */
public final class StepReader implements AutoCloseable {
  private final LakeStream stream;
  private final DecoderCache decoders;
  private final AppliedSkips skips;
  private final StepShares shares;
  private final long rules;

  private long nextStep;
  private Optional<Cursor> begin;
  private Optional<GroupShare> share = Optional.empty();
  private List<SlotBatch> batches = List.of();
  private boolean reused;
  private long step = -1;

  private StepReader(
      LakeStream stream,
      Topology topology,
      long nextStep,
      Optional<Cursor> begin,
      ReaderOptions options,
      BufferAllocator allocator)
      throws IOException {
    this.stream = stream;
    this.nextStep = nextStep;
    this.begin = begin;
    this.rules = options.rules().orElse(begin.map(Cursor::rules).orElse(-1L));
    if (rules > stream.state().version() && rules > stream.refresh().version()) {
      throw new InvalidRequestException(
          "rules version " + rules + " is beyond the log's tail " + stream.state().version());
    }
    this.skips = new AppliedSkips(stream.state().skips(), rules);
    this.decoders = new DecoderCache(stream, topology, options, allocator);
    ShareFetcher fetcher = new ShareFetcher(stream, topology, options, decoders, allocator);
    this.shares =
        options.prefetchBytes() > 0
            ? new SharesAhead(stream, fetcher, skips, options)
            : new SharesOnDemand(stream, fetcher, options.deadline());
  }

  /**
   * Goes on at a cursor.
   *
   * @throws InvalidRequestException if the cursor is not of this stream and history, or a column is
   *     unknown, or the stream's sequences cannot be divided by this topology
   * @throws StepUnavailableException if its next step was trimmed
   */
  public static StepReader open(
      LakeStream stream,
      Topology topology,
      Cursor cursor,
      ReaderOptions options,
      BufferAllocator allocator)
      throws IOException {
    if (cursor.nextStep() > stream.state().nextStep()) {
      stream.refresh();
    }
    Cursor own = stream.check(cursor);
    return new StepReader(stream, topology, own.nextStep(), Optional.of(own), options, allocator);
  }

  /** Begins at a step, which need not be committed yet. */
  public static StepReader open(
      LakeStream stream,
      Topology topology,
      long firstStep,
      ReaderOptions options,
      BufferAllocator allocator)
      throws IOException {
    if (firstStep < 0) {
      throw new InvalidRequestException("there is no step " + firstStep);
    }
    return new StepReader(stream, topology, firstStep, Optional.empty(), options, allocator);
  }

  /**
   * Goes to the next step that is delivered, and waits for it if need be. Closes the batches of the
   * step before. After an exception the reader stays where it was.
   *
   * @return false after the last step of a sealed stream
   * @throws StepUnavailableException if the step was trimmed, or is not there by the deadline
   * @throws CorruptObjectException if a bundle is damaged
   */
  public boolean next() throws IOException, InterruptedException {
    closeBatches();
    long wanted = skips.firstDelivered(nextStep);
    boolean there = false;
    try {
      Optional<GroupShare> found = shares.of(wanted);
      if (found.isPresent()) {
        read(found.get(), wanted);
        share = found;
        there = true;
      }
    } catch (CorruptObjectException e) {
      throw orTrimmed(wanted, e);
    } finally {
      if (!there) {
        decoders.clear();
      }
    }
    if (there) {
      step = wanted;
      nextStep = wanted + 1;
      begin = Optional.empty();
    }
    return there;
  }

  private void read(GroupShare from, long wanted) throws IOException {
    reused = from.reuses();
    batches = reused ? from.show(wanted) : from.read(wanted);
  }

  /** The number of the current step. */
  public long step() {
    return step;
  }

  /** What the log says of the current step. */
  public StepRecord record() {
    return share
        .orElseThrow(() -> new IllegalStateException("next() comes first"))
        .group()
        .step(step);
  }

  /** The rank's micro-batches of the current step, in the order of slots. */
  public List<SlotBatch> batches() {
    return batches;
  }

  /** Where to go on after the current step; the same for all ranks. */
  public Cursor cursor() throws IOException {
    return begin.isPresent() ? withRules(begin.get()) : stream.cursor(nextStep, rules);
  }

  private Cursor withRules(Cursor cursor) {
    return new Cursor(cursor.stream(), cursor.nextStep(), rules, cursor.chain(), cursor.digest());
  }

  /** What a trim removes in the meantime looks like damage: say what it is. */
  private RuntimeException orTrimmed(long wanted, CorruptObjectException damage)
      throws IOException {
    long firstReadable = stream.refreshFirstReadable();
    return wanted < firstReadable
        ? new StepUnavailableException(
            "step " + wanted + " was trimmed: the first readable step is " + firstReadable)
        : damage;
  }

  private void closeBatches() {
    if (!reused) {
      batches.stream().map(SlotBatch::root).forEach(VectorSchemaRoot::close);
    }
    batches = List.of();
  }

  /** Closes the current batches and lets go of all memory. */
  @Override
  public void close() {
    closeBatches();
    decoders.close();
    shares.close();
  }
}
