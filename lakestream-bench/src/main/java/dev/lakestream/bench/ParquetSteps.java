// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * What one does without streams: a step is a Parquet file with a row group for each slot, plain and
 * uncompressed, of which a rank reads the footer and the row groups of its slots.
 */
final class ParquetSteps {
  private static final MessageType TYPE =
      MessageTypeParser.parseMessageType("message step { repeated int32 tokens; }");
  private static final int LARGE = 1 << 30;

  private final Path file;
  private final int slotRows;
  private final int rowTokens;
  private final int slots;

  /** What came of a file, and in how many ranges. */
  record Read(long bytes, long requests, long values) {
    Read plus(Read other) {
      return new Read(bytes + other.bytes, requests + other.requests, values + other.values);
    }
  }

  /** One step, which is written to a file. */
  ParquetSteps(Path file, TokenStream shape) throws IOException {
    this.file = file;
    this.slotRows = shape.slotRows();
    this.rowTokens = shape.rowTokens();
    this.slots = shape.slots();
    Files.deleteIfExists(file);
    SplittableRandom random = new SplittableRandom(1);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withType(TYPE)
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .withDictionaryEncoding(false)
            .withRowGroupSize((long) LARGE)
            .withRowGroupRowCountLimit(slotRows)
            .withPageSize(LARGE)
            .build()) {
      for (int row = 0; row < slots * slotRows; row++) {
        SimpleGroup group = new SimpleGroup(TYPE);
        for (int i = 0; i < rowTokens; i++) {
          group.add(0, random.nextInt(100_000));
        }
        writer.write(group);
      }
    }
  }

  /** All ranks read their slots, each by itself. */
  Read readBy(int ranks) throws IOException {
    Read all = new Read(0, 0, 0);
    for (int rank = 0; rank < ranks; rank++) {
      all = all.plus(read(rank * slots / ranks, (rank + 1) * slots / ranks));
    }
    return all;
  }

  private Read read(int from, int to) throws IOException {
    CountedFile counted = new CountedFile(file);
    long rows = 0;
    try (ParquetFileReader reader = ParquetFileReader.open(counted)) {
      if (reader.getRowGroups().size() != slots) {
        throw new IOException(
            file + " has " + reader.getRowGroups().size() + " row groups, not " + slots);
      }
      for (int slot = from; slot < to; slot++) {
        try (PageReadStore pages = reader.readRowGroup(slot)) {
          rows += pages.getRowCount();
        }
      }
    }
    return new Read(counted.bytes, counted.requests, rows * rowTokens * Integer.BYTES);
  }

  /** Counts bytes, and a request for each place that is read from until the next seek. */
  private static final class CountedFile implements InputFile {
    private final Path file;
    private long bytes;
    private long requests;

    CountedFile(Path file) {
      this.file = file;
    }

    @Override
    public long getLength() throws IOException {
      return Files.size(file);
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      FileInputStream stream = new FileInputStream(file.toFile());
      return new CountedStream(stream.getChannel(), new CountedBytes(stream));
    }

    private static final class CountedStream extends DelegatingSeekableInputStream {
      private final FileChannel channel;
      private final CountedBytes counted;

      CountedStream(FileChannel channel, CountedBytes counted) {
        super(counted);
        this.channel = channel;
        this.counted = counted;
      }

      @Override
      public long getPos() throws IOException {
        return channel.position();
      }

      @Override
      public void seek(long position) throws IOException {
        counted.elsewhere |= position != channel.position();
        channel.position(position);
      }
    }

    private final class CountedBytes extends FilterInputStream {
      private boolean elsewhere = true;

      CountedBytes(InputStream in) {
        super(in);
      }

      private int count(int read) {
        bytes += Math.max(0, read);
        requests += elsewhere ? 1 : 0;
        elsewhere = false;
        return read;
      }

      @Override
      public int read() throws IOException {
        int value = in.read();
        count(value < 0 ? 0 : 1);
        return value;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        return count(in.read(target, offset, length));
      }
    }
  }
}
