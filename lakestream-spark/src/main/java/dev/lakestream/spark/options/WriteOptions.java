// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

import dev.lakestream.arrow.bundle.CellCompression;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.Names;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.retention.LeadLimit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The options of a write, as far as they can be judged without the stream.
 *
 * @param globalBatchSize rows of a step
 * @param bundleSize bytes of an object to aim at
 * @param fixedLengths length of array columns, by column
 * @param tokensColumn what counts as the tokens of a row
 * @param remainder what becomes of the rows that fill no step; what that is if it is not given
 *     depends on whether a job writes or a query
 * @param maxLead how far the stream may be ahead of the slowest live reader
 * @param job what is written once, however often it runs
 * @param order which rows become which step
 * @param bundleFormat what files the bundles are
 * @param compression of the cells
 * @param rowCounts rows of each partition, where they have been counted; no option for users
 * @param ofQueries the names of options that mean something to streaming queries only
 */
public record WriteOptions(
    StreamAddress address,
    int globalBatchSize,
    Optional<Integer> slots,
    Optional<Integer> pieces,
    Optional<Remainder> remainder,
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
    BundleFormat bundleFormat,
    CellCompression compression,
    Optional<RowCounts> rowCounts,
    List<String> ofQueries) {
  /** What Spark itself wants to know of a streaming query, and hands on. */
  private static final List<String> OF_QUERIES = List.of("checkpointLocation", "queryName");

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
            options.choice("remainder", Remainder.class),
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
            options.choice("bundleFormat", BundleFormat.class).orElse(BundleFormat.ARROW),
            options.choice("compression", CellCompression.class).orElse(CellCompression.NONE),
            rowCounts,
            OF_QUERIES.stream().filter(name -> options.text(name).isPresent()).toList());
    options.refuseOthers("a write to a stream");
    result.slots.ifPresent(result::checkSlots);
    result.checkOrder(options);
    return result;
  }

  /**
   * Those options, as they are given, that say how rows become steps: for a later write that is to
   * go on in the same way. Says nothing of where the stream is.
   */
  public Map<String, String> form() {
    Map<String, String> form = new TreeMap<>();
    form.put("globalBatchSize", String.valueOf(globalBatchSize));
    form.put("bundleSize", String.valueOf(bundleSize));
    form.put("compression", compression.name().toLowerCase(Locale.ROOT));
    slots.ifPresent(given -> form.put("slots", String.valueOf(given)));
    pieces.ifPresent(given -> form.put("pieces", String.valueOf(given)));
    tokensColumn.ifPresent(given -> form.put("tokensColumn", given));
    lossTokensColumn.ifPresent(given -> form.put("lossTokensColumn", given));
    sourceColumn.ifPresent(given -> form.put("sourceColumn", given));
    return form;
  }

  /**
   * What a job does with rows that fill no step.
   *
   * @throws InvalidRequestException if options are given that only a streaming query has
   */
  public Remainder remainderOfJob() {
    if (!ofQueries.isEmpty()) {
      throw new InvalidRequestException(
          "option '" + ofQueries.get(0) + "' is for streaming queries, and this is a batch job");
    }
    if (remainder.filter(Remainder.CARRY::equals).isPresent()) {
      throw new InvalidRequestException(
          "option 'remainder' is 'carry', but nothing follows a batch job that rows could be carried"
              + " to: say keep, drop, pad or error");
    }
    return remainder.orElse(Remainder.KEEP);
  }

  /**
   * What a streaming query does with rows that fill no step, when it ends.
   *
   * @throws InvalidRequestException if that is an error, which nobody would be told any more
   */
  public Remainder remainderOfQuery() {
    if (order != RowOrder.UNORDERED || job.isPresent()) {
      throw new InvalidRequestException(
          "a streaming query writes the rows of each epoch once and in no order: leave out options"
              + " 'order', 'jobId' and 'jobVersion'");
    }
    if (remainder.filter(Remainder.ERROR::equals).isPresent()) {
      throw new InvalidRequestException(
          "option 'remainder' is 'error', but a streaming query that has ended can't fail any more:"
              + " say carry, keep, drop or pad");
    }
    return remainder.orElse(Remainder.CARRY);
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
