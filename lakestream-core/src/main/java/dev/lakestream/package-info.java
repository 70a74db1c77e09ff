// SPDX-License-Identifier: Apache-2.0

/**
 * The protocol of Lakestream: the store interface with its local and S3 stores, the log, commits,
 * snapshots, pins and vacuum. It needs the JDK and very few dependencies; it knows neither Arrow
 * nor Hadoop nor Spark.
 */
@NullMarked
package dev.lakestream;

import org.jspecify.annotations.NullMarked;
