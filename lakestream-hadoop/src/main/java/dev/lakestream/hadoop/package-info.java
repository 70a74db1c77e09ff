// SPDX-License-Identifier: Apache-2.0
/**
 * Hadoop, from both sides: {@code store} keeps streams in any Hadoop file system that can promise a
 * put-if-absent, {@code fs} shows a stream as a Hadoop file system. Everything that touches Hadoop
 * is below here, and nothing below here knows Spark.
 */
@NullMarked
package dev.lakestream.hadoop;

import org.jspecify.annotations.NullMarked;
