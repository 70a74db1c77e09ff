// SPDX-License-Identifier: Apache-2.0
/**
 * What a rank sees of a stream, step after step: {@link dev.lakestream.arrow.reader.StepReader}. A
 * pure function of stream, rules version, topology and step (invariant 7). Joins the stream with
 * bundles; nothing but batches and cursors leaves it.
 *
 * <p><b>What a step allocates.</b> By default each micro-batch has vectors of its own, which may be
 * kept; that costs some 2 KiB of heap for each cell, whatever its size. With {@code
 * ReaderOptions.Vectors.REUSED} a rank's <i>n</i>th slot has one batch and one root for all steps.
 * Each of its cells is checked as ever, and then the buffers of the same vectors are pointed at it:
 * that makes nothing anew, whatever the numbers of rows and the lengths of lists are. Values of
 * Zstandard-compressed cells are expanded, and sequences that are cut in memory are copied, into
 * memory that stays for the next step; it grows to what the largest step needs. A cell whose
 * message metadata are, byte for byte, those of the cell before it in that slot is not even parsed.
 * Arrow's buffers and vectors cannot be pointed elsewhere by themselves, so their fields are set by
 * reflection, which needs no option of the JVM today; where it is refused, every cell is decoded
 * anew, as by default. What remains is the work for a bundle (its range, the directories of the
 * rank's runs), which its steps share, and what the library that reads LZ4 frames takes.
 *
 * <p>It has a price: what a step delivered is gone with the next one, and who kept a buffer would
 * read another step's values, or memory that is no more. So everything that would keep one
 * (retaining, transferring, exporting) is refused. Cells of Parquet bundles are always decoded
 * anew.
 */
@NullMarked
package dev.lakestream.arrow.reader;

import org.jspecify.annotations.NullMarked;
