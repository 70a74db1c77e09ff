// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import java.util.Optional;

/** Producers and idempotence keys of a state. */
public interface Ledger {
  /** A ledger of nothing: that of a new stream. */
  Ledger EMPTY =
      new Ledger() {
        @Override
        public Optional<ProducerState> producer(String id) {
          return Optional.empty();
        }

        @Override
        public Optional<Long> versionOfKey(String idempotenceKey) {
          return Optional.empty();
        }
      };

  /** What is known of a producer. */
  Optional<ProducerState> producer(String id);

  /** The version of the commit that was made with this idempotence key. */
  Optional<Long> versionOfKey(String idempotenceKey);

  /** Whether a commit with this idempotence key has been made. */
  default boolean hasKey(String idempotenceKey) {
    return versionOfKey(idempotenceKey).isPresent();
  }
}
