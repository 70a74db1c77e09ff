// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;

/** The bytes of some chunks of a cell; those that are near each other are fetched as one range. */
final class ChunkRanges implements AutoCloseable {
  /** Less than what a request costs. */
  private static final long MOST_BETWEEN = 64 << 10;

  private record Range(long start, ArrowBuf bytes) {}

  private final ParquetCellDecoder.CellSource source;
  private final List<Range> ranges = new ArrayList<>();

  ChunkRanges(ParquetCellDecoder.CellSource source) {
    this.source = source;
  }

  void fetch(List<ParquetCellFooter.Chunk> chunks) throws IOException {
    List<ParquetCellFooter.Chunk> sorted =
        chunks.stream().sorted(Comparator.comparingLong(ParquetCellFooter.Chunk::start)).toList();
    int next = 0;
    while (next < sorted.size()) {
      long start = sorted.get(next).start();
      long end = start + sorted.get(next).length();
      for (next++; next < sorted.size(); next++) {
        ParquetCellFooter.Chunk chunk = sorted.get(next);
        if (chunk.start() - end > MOST_BETWEEN) {
          break;
        }
        end = Math.max(end, chunk.start() + chunk.length());
      }
      ranges.add(new Range(start, source.read(start, end - start)));
    }
  }

  /** Those of a chunk that was fetched; they live as long as this. */
  ArrowBuf bytes(ParquetCellFooter.Chunk chunk) {
    for (Range range : ranges) {
      long at = chunk.start() - range.start();
      if (at >= 0 && at + chunk.length() <= range.bytes().capacity()) {
        return range.bytes().slice(at, chunk.length());
      }
    }
    throw new IllegalStateException("a chunk was not fetched");
  }

  @Override
  public void close() {
    ranges.forEach(range -> range.bytes().close());
    ranges.clear();
  }
}
