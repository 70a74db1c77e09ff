// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.schema.StreamSchema;

/** What an entry does besides its steps ({@code docs/format.md} §5.5). */
public sealed interface Action {
  /** Adds a version of the schema. */
  record AddSchema(StreamSchema schema) implements Action {}

  /** Slots and pieces of new bundles. */
  record Defaults(int slots, int pieces) implements Action {}

  /** The steps [from, to) are not delivered by readers whose rules include this entry. */
  record Skip(long from, long to, String reason) implements Action {}

  /** Announces a trim to at most step {@code to}. */
  record TrimIntent(long to) implements Action {}

  /** Cancels the intent of the entry of this version. */
  record CancelIntent(long intent) implements Action {}

  /** The first readable step becomes {@code to}. */
  record Trim(long to, long intent) implements Action {}

  /** No step follows. */
  record Seal() implements Action {}

  /** The producer is fenced at this epoch and won't come back under it. */
  record Retire(String producer, long epoch) implements Action {}
}
