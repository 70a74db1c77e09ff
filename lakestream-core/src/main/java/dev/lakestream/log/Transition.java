// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a valid entry does to the state ({@code docs/format.md} §6). Pure. */
final class Transition {
  private Transition() {}

  /** The state with the entry's steps and before its actions. */
  static StreamState afterSteps(StreamState state, LogEntry entry) {
    return new StreamState(
        state.version(),
        state.digest(),
        entry.time(),
        state.totals().plus(entry.content().totals()),
        state.firstOwn(),
        state.firstReadable(),
        state.sealed(),
        state.schemas(),
        state.defaults(),
        state.skips(),
        state.intent());
  }

  /** The state with one more action of the entry of this version. */
  static StreamState afterAction(StreamState state, long version, Action action) {
    long firstReadable = state.firstReadable();
    boolean sealed = state.sealed();
    List<RecordedSchema> schemas = state.schemas();
    Action.Defaults defaults = state.defaults();
    List<RecordedSkip> skips = state.skips();
    Optional<OpenIntent> intent = state.intent();
    if (action instanceof Action.AddSchema add) {
      schemas = append(schemas, new RecordedSchema(version, add.schema()));
    } else if (action instanceof Action.Defaults changed) {
      defaults = changed;
    } else if (action instanceof Action.Skip skip) {
      skips = append(skips, new RecordedSkip(version, skip.from(), skip.to(), skip.reason()));
    } else if (action instanceof Action.TrimIntent announced) {
      intent = Optional.of(new OpenIntent(version, announced.to()));
    } else if (action instanceof Action.CancelIntent) {
      intent = Optional.empty();
    } else if (action instanceof Action.Trim trim) {
      firstReadable = trim.to();
      intent = Optional.empty();
    } else if (action instanceof Action.Seal) {
      sealed = true;
    }
    return new StreamState(
        state.version(),
        state.digest(),
        state.time(),
        state.totals(),
        state.firstOwn(),
        firstReadable,
        sealed,
        schemas,
        defaults,
        skips,
        intent);
  }

  private static <T> List<T> append(List<T> list, T last) {
    List<T> longer = new ArrayList<>(list);
    longer.add(last);
    return longer;
  }
}
