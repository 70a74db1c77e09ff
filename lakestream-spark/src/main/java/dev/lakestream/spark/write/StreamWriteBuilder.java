// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.spark.hadoop.SessionHadoop;
import dev.lakestream.spark.options.WriteOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.SupportsTruncate;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;

/**
 * Plans a write: compares what the user wants with the DataFrame and with the stream, if there is
 * one, and refuses what doesn't fit. Changes nothing.
 */
public final class StreamWriteBuilder implements SupportsTruncate {
  private final LogicalWriteInfo info;
  private final EpochSink epochs;

  /**
   * @param epochs of the table, for a streaming query
   */
  public StreamWriteBuilder(LogicalWriteInfo info, EpochSink epochs) {
    this.info = info;
    this.epochs = epochs;
  }

  /** Refused: what is visible in a stream never changes (invariant 3). */
  @Override
  public WriteBuilder truncate() {
    throw new InvalidRequestException(
        "a stream can't be overwritten: what readers have seen never changes. Write to another URI,"
            + " or append with mode(\"append\") and trim the old steps");
  }

  @Override
  public Write build() {
    WriteOptions options = WriteOptions.of(SessionHadoop.with(info.options().asCaseSensitiveMap()));
    WriteTarget target;
    try {
      target = WriteTarget.of(options, info.schema());
    } catch (IOException e) {
      throw new UncheckedIOException("the stream at " + options.address() + " can't be read", e);
    }
    return new StreamWrite(options, target, info.queryId(), epochs);
  }
}
