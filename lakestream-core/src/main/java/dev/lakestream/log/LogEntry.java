// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.format.Digest;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * One entry of the log ({@code docs/format.md} §5).
 *
 * @param id of the commit, the same for all its attempts
 * @param prev digest of the predecessor's bytes
 * @param time milliseconds since 1970
 * @param requires features that a client must know to go on
 * @param before the totals of the stream before this entry
 * @param repeat the steps whose cells it commits once more
 */
public record LogEntry(
    long version,
    UUID id,
    Digest prev,
    long time,
    String writer,
    List<String> requires,
    Optional<ProducerStamp> producer,
    Optional<String> state,
    List<Attachment> attachments,
    Optional<String> idempotence,
    Totals before,
    Optional<RepeatRange> repeat,
    CommitContent content,
    List<Action> actions) {
  /** What this implementation calls itself in what it writes. */
  public static final String WRITER = "lakestream-java/0.1.0";

  public LogEntry {
    requires = List.copyOf(requires);
    attachments = List.copyOf(attachments);
    actions = List.copyOf(actions);
  }

  /**
   * An entry that does nothing yet, as the next of a state.
   *
   * @param now milliseconds since 1970; the entry's time is never before the state's
   */
  public static LogEntry after(StreamState state, UUID id, long now) {
    return new LogEntry(
        state.version() + 1,
        id,
        state.digest(),
        Math.max(now, state.time()),
        WRITER,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        state.totals(),
        Optional.empty(),
        CommitContent.none(),
        List.of());
  }

  /** This entry with a producer and what it commits. */
  public LogEntry with(
      ProducerStamp stamp,
      Optional<String> position,
      List<Attachment> kept,
      Optional<String> idempotenceKey,
      CommitContent steps) {
    return new LogEntry(
        version,
        id,
        prev,
        time,
        writer,
        requiring(namesParquet(kept, steps), Features.PARQUET),
        Optional.of(stamp),
        position,
        kept,
        idempotenceKey,
        before,
        repeat,
        steps,
        actions);
  }

  /** This entry with these actions. */
  public LogEntry with(List<Action> newActions) {
    return changed(requires, repeat, newActions);
  }

  /** This entry as one that repeats steps, which clients must know to understand it. */
  public LogEntry repeating(RepeatRange range) {
    return changed(requiring(true, Features.REPEAT), Optional.of(range), actions);
  }

  /** This entry as one whose segments, where it has some, hold bundles that are Parquet files. */
  public LogEntry withParquet() {
    return changed(requiring(true, Features.PARQUET), repeat, actions);
  }

  private LogEntry changed(
      List<String> required, Optional<RepeatRange> repeated, List<Action> newActions) {
    return new LogEntry(
        version,
        id,
        prev,
        time,
        writer,
        required,
        producer,
        state,
        attachments,
        idempotence,
        before,
        repeated,
        content,
        newActions);
  }

  /** Whether it names bundles that are Parquet files itself; what its segments name is not seen. */
  boolean namesParquet() {
    return namesParquet(attachments, content);
  }

  private static boolean namesParquet(List<Attachment> attachments, CommitContent content) {
    return Stream.concat(
            attachments.stream().map(Attachment::bundle),
            content instanceof CommitContent.Inline inline
                ? inline.bundles().stream()
                : Stream.of())
        .anyMatch(bundle -> bundle.format() == BundleFormat.PARQUET);
  }

  private List<String> requiring(boolean needed, String feature) {
    return needed && !requires.contains(feature)
        ? Stream.concat(requires.stream(), Stream.of(feature)).toList()
        : requires;
  }
}
