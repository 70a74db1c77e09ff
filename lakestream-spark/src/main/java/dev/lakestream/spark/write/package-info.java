// SPDX-License-Identifier: Apache-2.0
/**
 * A job that writes: tasks pack their rows into whole steps and upload them, the driver makes steps
 * of what is left over and commits all of it at once or nothing (invariant 1). Knows bundles,
 * sessions and Spark's write interfaces; does not read.
 */
@NullMarked
package dev.lakestream.spark.write;

import org.jspecify.annotations.NullMarked;
