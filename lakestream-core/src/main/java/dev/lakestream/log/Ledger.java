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
        public boolean hasKey(String idempotenceKey) {
          return false;
        }
      };

  /** What is known of a producer. */
  Optional<ProducerState> producer(String id);

  /** Whether a commit with this idempotence key has been made. */
  boolean hasKey(String idempotenceKey);
}
