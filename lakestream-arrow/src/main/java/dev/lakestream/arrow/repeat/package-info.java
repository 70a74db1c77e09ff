// SPDX-License-Identifier: Apache-2.0
/**
 * Another epoch whose micro-batches are mixed anew: what a new step has of rows, tokens and digests
 * stands in the directories of bundles, so it needs {@code bundle} and {@code reader}. It reads no
 * cells.
 */
@NullMarked
package dev.lakestream.arrow.repeat;

import org.jspecify.annotations.NullMarked;
