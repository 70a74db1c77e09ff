// SPDX-License-Identifier: Apache-2.0
/**
 * What Spark's session knows of Hadoop, as options of a store that can be sent to executors. May
 * import Spark and Hadoop, and of ours only the store over Hadoop.
 */
@NullMarked
package dev.lakestream.spark.hadoop;

import org.jspecify.annotations.NullMarked;
