// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.meta;

import dev.lakestream.spark.options.ReadSubject;
import dev.lakestream.spark.options.StreamAddress;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;

/** Goes to the executors. */
record LogReaderFactory(StreamAddress address, ReadSubject about)
    implements PartitionReaderFactory {
  private static final long serialVersionUID = 1L;

  @Override
  public PartitionReader<InternalRow> createReader(InputPartition partition) {
    ObjectStore store = address.open();
    try {
      return new Reader(store, rows(LakeStream.open(store), (LogRange) partition));
    } catch (IOException e) {
      throw new UncheckedIOException("the stream at " + address + " can't be read", e);
    }
  }

  private LogRows rows(LakeStream stream, LogRange range) {
    return switch (about) {
      case STEPS -> new StepRows(stream, range);
      case COMMITS -> new CommitRows(stream, range);
      case BUNDLES -> new BundleRows(stream, range);
      case PRODUCERS -> new ProducerRows(stream);
      case PINS -> new PinRows(stream);
      case ROWS -> throw new IllegalStateException("rows are not in the log");
    };
  }

  private static final class Reader implements PartitionReader<InternalRow> {
    private final ObjectStore store;
    private final LogRows rows;
    private Optional<InternalRow> row = Optional.empty();

    Reader(ObjectStore store, LogRows rows) {
      this.store = store;
      this.rows = rows;
    }

    @Override
    public boolean next() throws IOException {
      row = rows.next();
      return row.isPresent();
    }

    @Override
    public InternalRow get() {
      return row.orElseThrow();
    }

    @Override
    public void close() throws IOException {
      store.close();
    }
  }
}
