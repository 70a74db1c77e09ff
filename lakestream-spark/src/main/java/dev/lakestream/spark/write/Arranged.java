// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.log.CommitContent;
import java.util.OptionalLong;

/**
 * The steps of a job.
 *
 * @param droppedRows rows that are in none of them
 * @param shortRows rows of a last short step; 0 if there is none
 * @param firstStep where they must begin, if the rows say so
 */
record Arranged(
    CommitContent.Inline content, long droppedRows, long shortRows, OptionalLong firstStep) {}
