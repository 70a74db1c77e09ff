// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.util.ArrowUtils;

/** Writes the rows of a task to a file of record batches, one after the other. */
final class ArrowFileWriter implements DataWriter<InternalRow> {
  private final ArrowFileOptions options;
  private final FileChannel file;
  private final BufferAllocator allocator;
  private final RowBatches batches;

  private record Done() implements WriterCommitMessage {
    private static final long serialVersionUID = 1L;
  }

  ArrowFileWriter(ArrowFileOptions options) throws IOException {
    this.options = options;
    Path folder = Files.createDirectories(Path.of(options.path()));
    this.file =
        FileChannel.open(
            folder.resolve(UUID.randomUUID() + ".arrow"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE);
    this.allocator = ArrowUtils.rootAllocator().newChildAllocator("arrow file", 0, Long.MAX_VALUE);
    this.batches =
        options.ownConverter()
            ? new CopiedBatches(options.rows(), file, allocator)
            : new SparkBatches(options.rows(), file, allocator);
  }

  @Override
  public void write(InternalRow row) throws IOException {
    batches.append(row);
    if (batches.rows() == options.batchRows()) {
      batches.write();
    }
  }

  @Override
  public WriterCommitMessage commit() throws IOException {
    if (batches.rows() > 0) {
      batches.write();
    }
    batches.end();
    if (options.sync()) {
      file.force(true);
    }
    return new Done();
  }

  @Override
  public void abort() {}

  @Override
  public void close() throws IOException {
    try (file;
        allocator) {
      batches.close();
    }
  }
}
