// SPDX-License-Identifier: Apache-2.0
/**
 * Where rows are in a stream, as columns that Spark can name, and conditions on them: these can be
 * judged from the log alone, before any bundle is opened. Pure: does no I/O and knows nothing of
 * how cells are read.
 */
@NullMarked
package dev.lakestream.spark.place;

import org.jspecify.annotations.NullMarked;
