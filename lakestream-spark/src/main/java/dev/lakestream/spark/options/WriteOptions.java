// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

import dev.lakestream.arrow.bundle.CellCompression;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.Names;
import dev.lakestream.retention.LeadLimit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The options of a write, as far as they can be judged without the stream.
 *
 * @param globalBatchSize rows of a step
 * @param bundleSize bytes of an object to aim at
 * @param fixedLengths length of array columns, by column
 * @param tokensColumn what counts as the tokens of a row
 * @param maxLead how far the stream may be ahead of the slowest live reader
 * @param job what is written once, however often it runs
 * @param order which rows become which step
 * @param compression of the cells
 * @param rowCounts rows of each partition, where they have been counted; no option for users
 */
public record WriteOptions(
    StreamAddress address,
    int globalBatchSize,
    Optional<Integer> slots,
    Optional<Integer> pieces,
    Remainder remainder,
    long bundleSize,
    Map<String, Integer> fixedLengths,
    Optional<List<String>> sequence,
    Optional<String> boundaries,
    Optional<String> tokensColumn,
    Optional<String> lossTokensColumn,
    Optional<String> sourceColumn,
    Optional<String> producer,
    LeadLimit maxLead,
    Optional<JobKey> job,
    RowOrder order,
    CellCompression compression,
    Optional<RowCounts> rowCounts) {
  private static final long DEFAULT_BUNDLE_SIZE = 64 << 20;

  /** Reads them; every mistake that one can see here is refused. */
  public static WriteOptions of(Map<String, String> given) {
    OptionReader options = new OptionReader(given);
    int globalBatchSize =
        options
            .integer("globalBatchSize", 1, Integer.MAX_VALUE)
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        "option 'globalBatchSize' is missing: how many rows a step has"));
    Optional<String> producer = options.text("producer");
    producer.ifPresent(name -> Names.check("option 'producer'", name));
    Map<String, Integer> fixedLengths = options.integersBelow("fixedLength", 1, Integer.MAX_VALUE);
    // Before the store takes all options with a dot that nobody else has read.
    Optional<RowCounts> rowCounts = RowCounts.of(options);
    WriteOptions result =
        new WriteOptions(
            StreamAddress.of(options),
            globalBatchSize,
            options.integer("slots", 1, Limits.SLOTS),
            options.integer("pieces", 1, Limits.PIECES),
            options.choice("remainder", Remainder.class).orElse(Remainder.KEEP),
            options.size("bundleSize").orElse(DEFAULT_BUNDLE_SIZE),
            fixedLengths,
            options.names("sequence"),
            options.text("boundaries"),
            options.text("tokensColumn"),
            options.text("lossTokensColumn"),
            options.text("sourceColumn"),
            producer,
            options.text("maxLead").map(LeadLimit::parse).orElse(LeadLimit.none()),
            JobKey.of(options),
            options.choice("order", RowOrder.class).orElse(RowOrder.UNORDERED),
            options.choice("compression", CellCompression.class).orElse(CellCompression.NONE),
            rowCounts);
    options.refuseOthers("a write to a stream");
    result.slots.ifPresent(result::checkSlots);
    result.checkOrder(options);
    return result;
  }

  /** Refuses slots that don't divide the batch. */
  public void checkSlots(int slots) {
    if (globalBatchSize % slots != 0) {
      throw new InvalidRequestException(
          "globalBatchSize "
              + globalBatchSize
              + " is not divisible by slots "
              + slots
              + ": every slot of a step has the same number of rows; the options 'globalBatchSize' "
              + nearestBatches(slots)
              + " would do, or other 'slots'");
    }
  }

  /**
   * A remainder is what unordered and ordered rows have: explicit steps are as long as they are.
   */
  private void checkOrder(OptionReader options) {
    if (order == RowOrder.EXPLICIT && options.text("remainder").isPresent()) {
      throw new InvalidRequestException(
          "option 'remainder' has no meaning with order = explicit: the rows say which step they"
              + " belong to, and none remains");
    }
  }

  private String nearestBatches(int slots) {
    long below = (long) globalBatchSize / slots * slots;
    return below == 0 ? String.valueOf(slots) : below + " or " + (below + slots);
  }
}
