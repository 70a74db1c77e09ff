// SPDX-License-Identifier: Apache-2.0
/**
 * What a rank sees of a stream, step after step: {@link dev.lakestream.arrow.reader.StepReader}. A
 * pure function of stream, rules version, topology and step (invariant 7). Joins the stream with
 * bundles; nothing but batches and cursors leaves it.
 *
 * <p><b>What a step allocates.</b> By default each micro-batch has vectors of its own, which may be
 * kept; that costs some 2 KiB of heap for each cell, whatever its size. With {@code
 * ReaderOptions.Vectors.REUSED} a rank's <i>n</i>th slot has one root for all steps. A cell whose
 * message metadata are, byte for byte, those of the cell before it in that slot has its buffers at
 * the same places, so no metadata are parsed, and nothing is made anew: the buffers are pointed at
 * it. Arrow's buffers cannot do that by themselves, so their address is set by reflection, which
 * needs no option of the JVM today; where it is refused, every cell is decoded anew, as by default.
 * What remains is the work for a bundle (its range, the directories of the rank's runs), which its
 * steps share.
 *
 * <p>It does not help where cells differ: columns of lists of varying lengths, or varying numbers
 * of rows; nor where sequences are cut in memory. And it has a price: what a step delivered is gone
 * with the next one, and who kept a buffer would read another step's values, or memory that is no
 * more. So everything that would keep one (retaining, transferring, exporting) is refused.
 */
@NullMarked
package dev.lakestream.arrow.reader;

import org.jspecify.annotations.NullMarked;
