// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.format.Digest;
import dev.lakestream.schema.StreamSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the log says up to a version, but for producers and idempotence keys, which may be many and
 * are looked up in a {@link Ledger}.
 *
 * @param version −1 before the first entry
 * @param digest of the bytes of that entry
 * @param time of the latest valid entry, milliseconds since 1970
 * @param totals steps, rows and tokens committed; {@code totals.steps()} is the next step
 * @param firstReadable the first step that is not trimmed
 * @param firstOwn the first step that is not the parent's; 0 unless the stream is a fork
 * @param schemas by id
 * @param skips in the order of their versions
 */
public record StreamState(
    long version,
    Digest digest,
    long time,
    Totals totals,
    long firstOwn,
    long firstReadable,
    boolean sealed,
    List<RecordedSchema> schemas,
    Action.Defaults defaults,
    List<RecordedSkip> skips,
    Optional<OpenIntent> intent) {
  public StreamState {
    schemas = List.copyOf(schemas);
    skips = List.copyOf(skips);
  }

  /** The state before the first entry. */
  public static StreamState initial(StreamDocument document, Digest digest) {
    RecordedSchema first = new RecordedSchema(-1, document.schema());
    return document
        .fork()
        .map(origin -> forked(origin, document, first, digest))
        .orElseGet(
            () ->
                new StreamState(
                    -1,
                    digest,
                    document.created(),
                    Totals.ZERO,
                    0,
                    0,
                    false,
                    List.of(first),
                    document.defaults(),
                    List.of(),
                    Optional.empty()));
  }

  private static StreamState forked(
      ForkOrigin origin, StreamDocument document, RecordedSchema first, Digest digest) {
    List<RecordedSchema> schemas = new ArrayList<>(origin.schemas());
    schemas.add(0, first);
    return new StreamState(
        origin.version(),
        digest,
        document.created(),
        origin.before(),
        origin.step(),
        origin.firstReadable(),
        false,
        schemas,
        document.defaults(),
        origin.skips(),
        Optional.empty());
  }

  /** The step that the next commit begins with. */
  public long nextStep() {
    return totals.steps();
  }

  /** The newest schema. */
  public StreamSchema schema() {
    return schemas.get(schemas.size() - 1).schema();
  }

  /** The schema that was the newest once the entry of this version had been applied. */
  public StreamSchema schemaAt(long at) {
    StreamSchema newest = schemas.get(0).schema();
    for (RecordedSchema recorded : schemas) {
      if (recorded.version() <= at) {
        newest = recorded.schema();
      }
    }
    return newest;
  }

  /** Whether a reader under these rules passes over a step. */
  public boolean skips(long step, long rules) {
    return skips.stream().anyMatch(skip -> skip.version() <= rules && skip.covers(step));
  }
}
