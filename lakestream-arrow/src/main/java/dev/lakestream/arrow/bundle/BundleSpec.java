// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.schema.StreamSchema;

/**
 * What a bundle will hold.
 *
 * @param schema of the stream that its cells have, with its id
 * @param slots S, of each step
 * @param pieces C, into which sequences are cut
 * @param format of the file and its cells
 * @param compression of the cells' buffers or pages
 */
public record BundleSpec(
    StreamSchema schema,
    int slots,
    int pieces,
    Order order,
    BundleFormat format,
    CellCompression compression) {
  /** In which order cells come. */
  public enum Order {
    /** Any: all cells are held until the bundle is finished. */
    ANY,
    /** One step, slot after slot: each is written as it comes, and nothing is held. */
    STREAMED
  }

  public BundleSpec {
    if (slots < 1
        || slots > Limits.SLOTS
        || pieces < 1
        || pieces > Limits.PIECES
        || (long) slots * pieces > Limits.RUNS) {
      throw new InvalidRequestException(
          "a bundle of "
              + slots
              + " slots and "
              + pieces
              + " pieces: there can be 1 to "
              + Limits.SLOTS
              + " slots, 1 to "
              + Limits.PIECES
              + " pieces, and "
              + Limits.RUNS
              + " of both together");
    }
    if (order == Order.STREAMED && pieces != 1) {
      throw new InvalidRequestException(
          "a streamed bundle has one piece, since pieces come one after the other; not " + pieces);
    }
  }

  /** Cells may come in any order. */
  public static BundleSpec of(StreamSchema schema, int slots, int pieces) {
    return new BundleSpec(
        schema, slots, pieces, Order.ANY, BundleFormat.ARROW, CellCompression.NONE);
  }

  /** One step too large to hold: the cells come in the order of slots. */
  public static BundleSpec streamed(StreamSchema schema, int slots) {
    return new BundleSpec(
        schema, slots, 1, Order.STREAMED, BundleFormat.ARROW, CellCompression.NONE);
  }

  /** The same with its cells compressed. */
  public BundleSpec with(CellCompression compressed) {
    return new BundleSpec(schema, slots, pieces, order, format, compressed);
  }

  /** The same as a file of another format. */
  public BundleSpec as(BundleFormat other) {
    return new BundleSpec(schema, slots, pieces, order, other, compression);
  }
}
