// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

/**
 * What the rows have become that a streaming query carried when it ended.
 *
 * @param version of the log entry
 * @param steps that it has, none or one
 * @param rows of them
 * @param droppedRows rows that are in no step
 */
public record FlushedRows(long version, long steps, long rows, long droppedRows) {}
