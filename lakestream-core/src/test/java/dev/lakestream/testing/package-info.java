// SPDX-License-Identifier: Apache-2.0
/**
 * Doubles and samples that the tests of all modules share: a store in memory, one that fails when
 * told to, time that passes when told to, histories of streams made entry by entry, and the golden
 * files in the repository.
 */
@NullMarked
package dev.lakestream.testing;

import org.jspecify.annotations.NullMarked;
