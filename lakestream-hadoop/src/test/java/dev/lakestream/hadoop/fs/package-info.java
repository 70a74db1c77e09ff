// SPDX-License-Identifier: Apache-2.0
/** What Hadoop's tools see of a stream, and what they may do to it. */
@NullMarked
package dev.lakestream.hadoop.fs;

import org.jspecify.annotations.NullMarked;
