// SPDX-License-Identifier: Apache-2.0
/**
 * What users say to the data source: where the stream is and how to write it. Every mistake is
 * refused here, by the names of the options, before a job starts. Knows nothing of Spark.
 */
@NullMarked
package dev.lakestream.spark.options;

import org.jspecify.annotations.NullMarked;
