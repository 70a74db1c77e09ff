// SPDX-License-Identifier: Apache-2.0
/**
 * When a producer should try to commit, decided from what it sees in the log and from its own
 * requests, and from nothing else. Pure: no I/O, no clock, no thread, no randomness but what is
 * handed in. Imports nothing of Lakestream; must never know what is in an entry beyond whose it is.
 */
@NullMarked
package dev.lakestream.commit;

import org.jspecify.annotations.NullMarked;
