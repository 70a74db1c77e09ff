// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.host.HostCache;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How to read. Immutable; begin with {@link #defaults()}.
 *
 * @param rules the version whose skips apply; empty for that of the cursor, or none
 * @param columns names of those to deliver, in this order; empty for all
 * @param deadline how long to wait for a step that is not committed
 * @param maxRangeBytes the most that is fetched by one request, unless a single cell is larger
 * @param prefetchBytes how much is held, the share in use included, to have the next steps there
 *     before they are asked for; 0 to fetch each when it is
 * @param hostCache what to share ranges through with other processes of this host; stays the
 *     caller's
 * @param vectors whose they are
 */
public record ReaderOptions(
    OptionalLong rules,
    Optional<List<String>> columns,
    Duration deadline,
    Checksums checksums,
    int maxRangeBytes,
    long prefetchBytes,
    Optional<HostCache> hostCache,
    Vectors vectors) {
  private static final int LARGEST_RANGE = Integer.MAX_VALUE - 63;

  /** What is done with the checksums of cells. Those of directories are always verified. */
  public enum Checksums {
    VERIFY,
    /** For a store that verifies what it returns: structure is still checked, values are not. */
    TRUST
  }

  /** Whether each step has vectors of its own. */
  public enum Vectors {
    /** They may be transferred, retained or exported, and then outlive their step. */
    OWN,
    /**
     * The same serve step after step, so a step in steady state allocates nothing, whatever its
     * cells are like and whether they are cut in memory or not; only the library that reads LZ4
     * frames does, and cells of Parquet bundles have {@link #OWN} vectors. What they point at goes
     * with the next step, and to keep, transfer or export it is refused.
     */
    REUSED
  }

  public ReaderOptions {
    columns = columns.map(List::copyOf);
    if (maxRangeBytes < 64 || maxRangeBytes > LARGEST_RANGE) {
      throw new InvalidRequestException("ranges of at most " + maxRangeBytes + " bytes");
    }
    if (prefetchBytes < 0) {
      throw new InvalidRequestException("a prefetch of " + prefetchBytes + " bytes");
    }
    if (deadline.isNegative()) {
      throw new InvalidRequestException("a deadline of " + deadline);
    }
  }

  /** All columns, checksums verified, five minutes' patience. */
  public static ReaderOptions defaults() {
    return new ReaderOptions(
        OptionalLong.empty(),
        Optional.empty(),
        Duration.ofMinutes(5),
        Checksums.VERIFY,
        LARGEST_RANGE,
        0,
        Optional.empty(),
        Vectors.OWN);
  }

  /** Skips of entries up to this version apply, later ones do not; −1 for none. */
  public ReaderOptions withRules(long version) {
    return new ReaderOptions(
        OptionalLong.of(version),
        columns,
        deadline,
        checksums,
        maxRangeBytes,
        prefetchBytes,
        hostCache,
        vectors);
  }

  public ReaderOptions withColumns(List<String> names) {
    return new ReaderOptions(
        rules,
        Optional.of(names),
        deadline,
        checksums,
        maxRangeBytes,
        prefetchBytes,
        hostCache,
        vectors);
  }

  public ReaderOptions withDeadline(Duration patience) {
    return new ReaderOptions(
        rules, columns, patience, checksums, maxRangeBytes, prefetchBytes, hostCache, vectors);
  }

  public ReaderOptions withChecksums(Checksums mode) {
    return new ReaderOptions(
        rules, columns, deadline, mode, maxRangeBytes, prefetchBytes, hostCache, vectors);
  }

  public ReaderOptions withMaxRangeBytes(int bytes) {
    return new ReaderOptions(
        rules, columns, deadline, checksums, bytes, prefetchBytes, hostCache, vectors);
  }

  /**
   * Fetches ahead, in the background, as much as so many bytes hold; 0 for nothing.
   *
   * <p>For stores that are asked over a network. Files of a local directory are mapped, so that
   * nothing has to be fetched: a step is there sooner if no other thread has to hand it over.
   */
  public ReaderOptions withPrefetchBytes(long bytes) {
    return new ReaderOptions(
        rules, columns, deadline, checksums, maxRangeBytes, bytes, hostCache, vectors);
  }

  /** Ranges that other processes of this host read as well are fetched once for all of them. */
  public ReaderOptions withHostCache(HostCache cache) {
    return new ReaderOptions(
        rules,
        columns,
        deadline,
        checksums,
        maxRangeBytes,
        prefetchBytes,
        Optional.of(cache),
        vectors);
  }

  /** Whether each step has vectors of its own. */
  public ReaderOptions withVectors(Vectors whose) {
    return new ReaderOptions(
        rules, columns, deadline, checksums, maxRangeBytes, prefetchBytes, hostCache, whose);
  }
}
