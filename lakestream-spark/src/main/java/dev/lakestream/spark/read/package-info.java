// SPDX-License-Identifier: Apache-2.0
/**
 * A job that reads: the driver divides the readable steps into partitions of whole byte ranges,
 * tasks fetch them and hand Spark columnar batches that point into what they fetched. Does not
 * write.
 */
@NullMarked
package dev.lakestream.spark.read;

import org.jspecify.annotations.NullMarked;
