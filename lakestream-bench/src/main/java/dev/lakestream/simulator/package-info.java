// SPDX-License-Identifier: Apache-2.0

/**
 * The proof by simulation: the real code of the protocol in thousands of worlds where time is
 * virtual, the store is unreliable, and processes crash, sleep and come back as zombies; each
 * history is judged against the invariants of {@code docs/protocol.md}. Knows the core, and nothing
 * of Arrow or Spark.
 */
@NullMarked
package dev.lakestream.simulator;

import org.jspecify.annotations.NullMarked;
