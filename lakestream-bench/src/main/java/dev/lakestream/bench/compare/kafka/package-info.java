// SPDX-License-Identifier: Apache-2.0

/**
 * Global batches through a Kafka broker, beside those of a stream on the local disk.
 *
 * <p>A {@code BatchFeed} is one way to bring batches of D slots from producers to ranks, all or
 * nothing, in one order for all ranks. There are four: a stream, and three ways that people use a
 * log of records for it. The measurements know nothing of Kafka.
 */
@NullMarked
package dev.lakestream.bench.compare.kafka;

import org.jspecify.annotations.NullMarked;
