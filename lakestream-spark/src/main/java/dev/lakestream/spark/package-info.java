// SPDX-License-Identifier: Apache-2.0

/**
 * The Spark data source: batch, write and read. Everything that touches Spark is here and below,
 * and it is the only place that does. This package is the door: what Spark finds by name; {@code
 * options} is what users say, {@code hadoop} what their session says, {@code write} and {@code
 * read} are the jobs, {@code place} is where rows are, {@code vector} is rows and memory; {@code
 * catalog}, {@code meta} and {@code procedure} are what SQL has beside rows.
 */
@NullMarked
package dev.lakestream.spark;

import org.jspecify.annotations.NullMarked;
