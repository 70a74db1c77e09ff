// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import java.time.Instant;

/**
 * A producer that is lost, and what keeps it from committing what it left.
 *
 * @param epoch the one to retire: the producer's own, or the next
 * @param unopened whether the log knows no session of this epoch: it is opened and retired at once
 * @param lastSign of life, by the store's clock
 */
public record Fence(String producer, long epoch, boolean unopened, Instant lastSign) {}
