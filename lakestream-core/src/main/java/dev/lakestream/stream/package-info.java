// SPDX-License-Identifier: Apache-2.0
/**
 * A stream as its users hold it: create, open, follow the tail, find a step. Joins {@code store},
 * {@code log} and {@code snapshot}.
 */
@NullMarked
package dev.lakestream.stream;

import org.jspecify.annotations.NullMarked;
