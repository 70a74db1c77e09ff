// SPDX-License-Identifier: Apache-2.0
/**
 * What the log says of a stream, as tables: steps, commits, producers, bundles, pins. Long
 * histories are read by tasks, each a range of steps, and one group at a time. Opens no bundle.
 */
@NullMarked
package dev.lakestream.spark.meta;

import org.jspecify.annotations.NullMarked;
