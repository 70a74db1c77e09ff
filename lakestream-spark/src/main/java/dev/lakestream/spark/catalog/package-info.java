// SPDX-License-Identifier: Apache-2.0
/**
 * Streams below a root as tables in namespaces: where each is, how one is made, changed and
 * removed, and what it keeps of itself for later statements. Knows nothing of reading and writing
 * rows.
 */
@NullMarked
package dev.lakestream.spark.catalog;

import org.jspecify.annotations.NullMarked;
