// SPDX-License-Identifier: Apache-2.0
/**
 * Hands micro-batches over to another runtime of the same process, by the Arrow C data interface:
 * {@link dev.lakestream.arrow.export.BatchExport}. Nothing is copied, and the other side says when
 * the memory is free.
 *
 * <p>It alone needs {@code org.apache.arrow:arrow-c-data}, which brings native code, so whoever
 * exports adds that to the class path; all the rest of this module works without it. It is never
 * part of the jar for Spark, whose own Arrow must stay the only one.
 */
@NullMarked
package dev.lakestream.arrow.export;

import org.jspecify.annotations.NullMarked;
