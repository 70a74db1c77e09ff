// SPDX-License-Identifier: Apache-2.0
/**
 * What {@code CALL lake.system.…} does: the operations of an operator, each a call with arguments
 * from SQL and its outcome as rows. Most are the core's. Two make steps of rows that are there:
 * {@code repeat} is {@code arrow.repeat}'s and {@code flush} is {@code write}'s. None reads rows.
 */
@NullMarked
package dev.lakestream.spark.procedure;

import org.jspecify.annotations.NullMarked;
