// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.format.Digest;
import dev.lakestream.log.RecordedSchema;
import dev.lakestream.log.StreamState;
import dev.lakestream.reader.Cursor;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.spark.options.ReadOptions;
import dev.lakestream.spark.place.Cut;
import dev.lakestream.spark.place.MetadataColumns;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.ReportsSourceMetrics;
import org.apache.spark.sql.connector.read.streaming.SupportsTriggerAvailableNow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a stream as the epochs of a streaming query, each a range of whole steps.
 *
 * <p>Must:
 *
 * <ul>
 *   <li>go on from an offset only if it is of this stream and this history;
 *   <li>give the same rows for the same two offsets, whenever it is asked (invariant 7);
 *   <li>leave out a step only if it was trimmed and the query has allowed that.
 * </ul>
 *
 * <p>Thread-safe, as Spark asks for metrics from anywhere.
 */
final class StepStream
    implements MicroBatchStream, SupportsTriggerAvailableNow, ReportsSourceMetrics {
  private static final Logger LOG = LoggerFactory.getLogger(StepStream.class);

  private final ReadOptions options;
  private final StructType columns;
  private final ObjectStore store;
  private final LakeStream stream;
  private OptionalLong bound = OptionalLong.empty();
  private Optional<StepOffset> known = Optional.empty();
  private int toldSchema;

  /** Steps that an epoch may have. */
  private record MaxSteps(long steps) implements ReadLimit {}

  /**
   * Opens the stream.
   *
   * @param wanted the columns of the table
   */
  StepStream(ReadOptions options, StructType wanted) {
    this.options = options;
    this.store = options.address().open();
    try {
      this.stream = LakeStream.open(store);
    } catch (IOException e) {
      throw unreadable(e);
    }
    this.toldSchema = stream.state().schema().id();
    this.columns = columns(wanted);
  }

  /**
   * Those of the table, and after them where each row is: Spark asks a streaming source for neither
   * more nor less, so a query that names no place finds what it wants before them.
   */
  private StructType columns(StructType wanted) {
    List<StructField> all = new ArrayList<>(List.of(wanted.fields()));
    for (MetadataColumn place : MetadataColumns.all()) {
      if (!List.of(wanted.fieldNames()).contains(place.name())) {
        all.add(MetadataColumns.field(place.name()));
      }
    }
    return new ReadColumns(options.address(), stream.state().schema())
        .of(new StructType(all.toArray(StructField[]::new)));
  }

  @Override
  public synchronized Offset initialOffset() {
    try {
      stream.refresh();
      return offset(new StepSearch(stream).first(options));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public Offset deserializeOffset(String json) {
    return new StepOffset(Cursor.fromJson(json));
  }

  @Override
  public ReadLimit getDefaultReadLimit() {
    return options
        .query()
        .maxSteps()
        .<ReadLimit>map(MaxSteps::new)
        .orElse(ReadLimit.allAvailable());
  }

  @Override
  public Offset latestOffset() {
    throw new UnsupportedOperationException("Spark asks with a limit");
  }

  @Override
  public synchronized Offset latestOffset(Offset start, ReadLimit limit) {
    StepOffset from = (StepOffset) start;
    try {
      StreamState state = stream.refresh();
      checkHistory(from);
      warnOfNewColumns(state.schema());
      long end = bound.orElse(state.nextStep());
      if (end <= from.step()) {
        return from;
      }
      long first = readable(from.step(), end);
      if (limit instanceof MaxSteps most && end - first > most.steps()) {
        end = first + most.steps();
      }
      return offset(end);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public synchronized Offset reportLatestOffset() {
    try {
      return offset(stream.state().nextStep());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** What comes from now on is left to the next run. */
  @Override
  public synchronized void prepareForTriggerAvailableNow() {
    try {
      bound = OptionalLong.of(stream.refresh().nextStep());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public synchronized InputPartition[] planInputPartitions(Offset start, Offset end) {
    StepOffset from = (StepOffset) start;
    StepOffset to = (StepOffset) end;
    try {
      if (stream.state().nextStep() < to.step()) {
        stream.refresh();
      }
      checkHistory(from);
      checkHistory(to);
      PartitionPlanner planner = PartitionPlanner.ofLongRanges(options.partitionBytes());
      long step = readable(from.step(), to.step());
      while (step < to.step()) {
        CommittedGroup group = stream.groupOf(step);
        long next = Math.min(to.step(), group.nextStep());
        planner.add(group, Cut.whole(group, step, next));
        step = next;
      }
      return NearHosts.place(planner.finish(), store).toArray(InputPartition[]::new);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public synchronized PartitionReaderFactory createReaderFactory() {
    return new BatchReaderFactory(
        options.address(),
        columns,
        ShippedSchema.of(stream.state().schemas().stream().map(RecordedSchema::schema).toList()),
        Long.MAX_VALUE);
  }

  /** How far the query is behind the stream, as of the last look. */
  @Override
  public synchronized Map<String, String> metrics(Optional<Offset> consumed) {
    StreamState state = stream.state();
    Map<String, String> metrics = new LinkedHashMap<>();
    metrics.put("tailStep", String.valueOf(state.nextStep()));
    metrics.put("tailVersion", String.valueOf(state.version()));
    metrics.put("sealed", String.valueOf(state.sealed()));
    consumed
        .map(offset -> offset instanceof StepOffset ours ? ours : deserialized(offset))
        .ifPresent(
            offset -> metrics.put("stepsBehind", String.valueOf(state.nextStep() - offset.step())));
    return metrics;
  }

  /** Spark's own checkpoint is all that says how far a query is. */
  @Override
  public void commit(Offset end) {
    // Nothing is kept in the stream.
  }

  @Override
  public void stop() {
    try {
      store.close();
    } catch (IOException e) {
      LOG.warn("a store was not closed: {}", e.toString());
    }
  }

  private StepOffset deserialized(Offset offset) {
    return (StepOffset) deserializeOffset(offset.json());
  }

  private StepOffset offset(long step) throws IOException {
    // Of what was trimmed before the step, no digests are left.
    boolean isFirst = step > 0 && step == stream.firstReadable();
    StepOffset made =
        new StepOffset(
            isFirst
                ? new Cursor(stream.id(), step, -1, Digest.ZERO, Digest.ZERO)
                : stream.cursor(step, -1));
    known = Optional.of(made);
    return made;
  }

  /** Refuses an offset of another stream, or of this one before it was replaced by another. */
  private void checkHistory(StepOffset offset) throws IOException {
    boolean isTrimmed = offset.step() < stream.firstReadable();
    if (isTrimmed && !offset.cursor().stream().equals(stream.id())) {
      throw new InvalidRequestException(
          "the checkpoint is of the stream "
              + offset.cursor().stream()
              + ", the one at "
              + options.address()
              + " is "
              + stream.id());
    }
    if (!isTrimmed && known.filter(offset::equals).isEmpty()) {
      stream.check(offset.cursor());
      known = Optional.of(offset);
    }
  }

  /** The first step of these that can be read. */
  private long readable(long from, long to) throws IOException {
    long first = stream.firstReadable();
    if (first <= from) {
      return from;
    }
    String lost =
        "steps "
            + from
            + " to "
            + (Math.min(first, to) - 1)
            + " of "
            + options.address()
            + " were trimmed before the query read them; the first readable step is "
            + first;
    if (options.query().failOnDataLoss()) {
      throw new StepUnavailableException(
          lost
              + ": begin anew with another checkpoint, or go on without them with option"
              + " 'failOnDataLoss' = false");
    }
    LOG.warn("{}: they are left out (option failOnDataLoss = false)", lost);
    return Math.min(first, to);
  }

  private void warnOfNewColumns(StreamSchema now) {
    if (now.id() > toldSchema) {
      toldSchema = now.id();
      LOG.warn(
          "the stream at {} has got columns since the query began: it reads those that it knows,"
              + " start it again to read the others",
          options.address());
    }
  }

  private UncheckedIOException unreadable(IOException cause) {
    return new UncheckedIOException("the stream at " + options.address() + " can't be read", cause);
  }
}
