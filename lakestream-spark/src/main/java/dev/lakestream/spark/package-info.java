// SPDX-License-Identifier: Apache-2.0

/**
 * The Spark data source: batch and streaming, write and read. Everything that touches Spark is
 * here, and it is the only place that does.
 */
@NullMarked
package dev.lakestream.spark;

import org.jspecify.annotations.NullMarked;
