// SPDX-License-Identifier: Apache-2.0
/**
 * What a reader is: its share of a step ({@link dev.lakestream.reader.Topology}) and its place in
 * the stream ({@link dev.lakestream.reader.Cursor}). The reading itself is in {@code
 * lakestream-arrow}.
 */
@NullMarked
package dev.lakestream.reader;

import org.jspecify.annotations.NullMarked;
