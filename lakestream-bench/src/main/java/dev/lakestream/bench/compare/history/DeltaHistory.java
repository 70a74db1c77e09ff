// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.history;

import io.delta.kernel.DataWriteContext;
import io.delta.kernel.Operation;
import io.delta.kernel.Snapshot;
import io.delta.kernel.Table;
import io.delta.kernel.TableManager;
import io.delta.kernel.Transaction;
import io.delta.kernel.TransactionCommitResult;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.expressions.Literal;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.hook.PostCommitHook;
import io.delta.kernel.statistics.DataFileStatistics;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterable;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A Delta table, by Delta Kernel and its own engine. A committer goes on from the snapshot that its
 * last commit left, and writes a checkpoint when Kernel tells it to. It leaves out the checksum
 * file that Kernel proposes for each version, which would list the log each time.
 */
final class DeltaHistory implements History {
  private static final StructType SCHEMA =
      new StructType()
          .add("step", LongType.LONG)
          .add("tokens", new ArrayType(IntegerType.INTEGER, false));
  private static final String WRITER = "lakestream-bench";

  /** What Delta does if nobody says anything else. */
  static final int DEFAULT_INTERVAL = 10;

  private final Engine engine = DefaultEngine.create(HadoopBytes.configuration());
  private final HadoopBytes bytes = new HadoopBytes();
  private final String place;
  private final int interval;
  private Snapshot latest;
  private long commits;

  /**
   * An empty table.
   *
   * @param interval how many commits a checkpoint comes after
   */
  DeltaHistory(Path folder, int interval) throws IOException {
    this.place = folder.toString();
    this.interval = interval;
    Transaction create =
        TableManager.buildCreateTableTransaction(place, SCHEMA, WRITER)
            .withTableProperties(Map.of("delta.checkpointInterval", Integer.toString(interval)))
            .build(engine);
    create.commit(engine, CloseableIterable.emptyIterable());
    this.latest = load();
  }

  private Snapshot load() {
    return Table.forPath(engine, place).getLatestSnapshot(engine);
  }

  @Override
  public String name() {
    return interval == DEFAULT_INTERVAL ? "Delta" : "Delta, a checkpoint per " + interval;
  }

  @Override
  public void commit() throws IOException {
    Transaction transaction =
        latest.buildUpdateTableTransaction(WRITER, Operation.WRITE).build(engine);
    TransactionCommitResult result =
        transaction.commit(
            engine, CloseableIterable.inMemoryIterable(add(transaction, commits * STEPS)));
    commits++;
    boolean checkpoint = false;
    for (PostCommitHook hook : result.getPostCommitHooks()) {
      if (hook.getType() == PostCommitHook.PostCommitHookType.CHECKPOINT) {
        hook.threadSafeInvoke(engine);
        checkpoint = true;
      }
    }
    // One that begins at the checkpoint, instead of one that goes on from before it.
    latest = checkpoint ? load() : result.getPostCommitSnapshot().orElseGet(this::load);
  }

  private CloseableIterator<Row> add(Transaction transaction, long firstStep) {
    Row state = transaction.getTransactionState(engine);
    DataWriteContext context = Transaction.getWriteContext(engine, state, Map.of());
    Column step = new Column("step");
    DataFileStatistics statistics =
        new DataFileStatistics(
            STEPS * 512L,
            Map.of(step, Literal.ofLong(firstStep)),
            Map.of(step, Literal.ofLong(firstStep + STEPS - 1)),
            Map.of(step, 0L),
            Optional.of(true));
    DataFileStatus file =
        new DataFileStatus(
            place + "/" + UUID.randomUUID() + ".parquet",
            16_777_216,
            System.currentTimeMillis(),
            Optional.of(statistics));
    return Transaction.generateAppendActions(engine, state, one(file), context);
  }

  private static CloseableIterator<DataFileStatus> one(DataFileStatus file) {
    Iterator<DataFileStatus> files = List.of(file).iterator();
    return new CloseableIterator<>() {
      @Override
      public boolean hasNext() {
        return files.hasNext();
      }

      @Override
      public DataFileStatus next() {
        return files.next();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public int round() {
    return 100;
  }

  @Override
  public void openAndFind(long step) throws IOException {
    Predicate wanted = new Predicate("=", new Column("step"), Literal.ofLong(step));
    int found = 0;
    try (CloseableIterator<FilteredColumnarBatch> batches =
        load().getScanBuilder().withFilter(wanted).build().getScanFiles(engine)) {
      while (batches.hasNext()) {
        try (CloseableIterator<Row> rows = batches.next().getRows()) {
          while (rows.hasNext()) {
            rows.next();
            found++;
          }
        }
      }
    }
    if (found != 1) {
      throw new IOException("step " + step + " is in " + found + " files of " + place);
    }
  }

  @Override
  public long takeBytes() {
    return bytes.take();
  }
}
