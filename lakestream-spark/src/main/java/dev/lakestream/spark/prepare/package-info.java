// SPDX-License-Identifier: Apache-2.0
/**
 * What training data needs before it is written: tokens, sequences of one length, an order that a
 * seed decides, and mixtures with exact quotas. Small expressions and functions of DataFrames,
 * which work without a stream and know nothing of one; packers are plain Java and know nothing of
 * Spark.
 */
@NullMarked
package dev.lakestream.spark.prepare;

import org.jspecify.annotations.NullMarked;
