// SPDX-License-Identifier: Apache-2.0

/**
 * Judges histories: takes what processes were told and what the archive of the store says, and
 * finds invariants that do not hold. Promises to share no code of the fold, of snapshots or of
 * readers with what it judges; the values in which an audit comes are all that it knows of them.
 */
@NullMarked
package dev.lakestream.simulator.checker;

import org.jspecify.annotations.NullMarked;
