// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

import dev.lakestream.error.InvalidRequestException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * How many rows each partition of a DataFrame has, counted before they are written in order. It
 * travels from where they are counted to where they are written as an option of its own. Immutable.
 */
public final class RowCounts implements Serializable {
  /** The name of the option. */
  public static final String OPTION = "lakestream.internal.rowCounts";

  private static final long serialVersionUID = 1L;

  private final long[] starts;

  private RowCounts(long[] starts) {
    this.starts = starts;
  }

  /** Of so many rows in each partition. */
  public static RowCounts of(long... rows) {
    long[] starts = new long[rows.length + 1];
    for (int partition = 0; partition < rows.length; partition++) {
      starts[partition + 1] = Math.addExact(starts[partition], rows[partition]);
    }
    return new RowCounts(starts);
  }

  static Optional<RowCounts> of(OptionReader options) {
    return options.text(OPTION).map(RowCounts::decode);
  }

  private static RowCounts decode(String text) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text));
      long[] rows = new long[bytes.remaining() / Long.BYTES];
      bytes.asLongBuffer().get(rows);
      return of(rows);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InvalidRequestException("option '" + OPTION + "' is not for users");
    }
  }

  /** The option's value. */
  public String encode() {
    ByteBuffer bytes = ByteBuffer.allocate(partitions() * Long.BYTES);
    for (int partition = 0; partition < partitions(); partition++) {
      bytes.putLong(rows(partition));
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  public int partitions() {
    return starts.length - 1;
  }

  /** Rows of a partition. */
  public long rows(int partition) {
    return starts[partition + 1] - starts[partition];
  }

  /** Rows before a partition. */
  public long start(int partition) {
    return starts[partition];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowCounts counts && Arrays.equals(starts, counts.starts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(starts);
  }

  @Override
  public String toString() {
    return partitions() + " partitions, " + starts[partitions()] + " rows";
  }
}
