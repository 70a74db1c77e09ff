// SPDX-License-Identifier: Apache-2.0
/**
 * What a rank sees of a stream, step after step: {@link dev.lakestream.arrow.reader.StepReader}. A
 * pure function of stream, rules version, topology and step (invariant 7). Joins the stream with
 * bundles; nothing but batches and cursors leaves it.
 */
@NullMarked
package dev.lakestream.arrow.reader;

import org.jspecify.annotations.NullMarked;
