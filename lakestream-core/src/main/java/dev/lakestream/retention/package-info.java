// SPDX-License-Identifier: Apache-2.0
/**
 * How long things stay: pins of checkpoints, heartbeats of readers, the limit of how far producers
 * may run ahead of them, trims, and the vacuum that deletes what nobody needs any more.
 *
 * <p>Promises invariant 8: nothing that a pin, an attachment or a readable step may need is
 * deleted, and nothing unreachable is kept for ever. What is to be done is decided by pure classes;
 * the rest is I/O around them. May import everything below it; must never know what is in a bundle.
 */
@NullMarked
package dev.lakestream.retention;

import org.jspecify.annotations.NullMarked;
