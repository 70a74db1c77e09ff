// SPDX-License-Identifier: Apache-2.0
/**
 * A stream as a Hadoop file system, {@code lakestream://<mount>/…}: what Hadoop tools see is a
 * committed, consistent view, and what they stage becomes a step by one rename ({@code
 * docs/hadoop.md}).
 *
 * <p>Promises: a file has the bytes and the length that its status says, for as long as its step is
 * readable; no byte of a cell is handed out before its checksum was verified (invariant 10); a
 * rename to {@code steps/next} makes one step or none, however often it is tried (invariants 1 and
 * 6); what is not supported is refused, never ignored; no option and no credential is in a URI, an
 * error or a log.
 *
 * <p>How it is laid out: {@link dev.lakestream.hadoop.fs.LakestreamFileSystem} speaks Hadoop and
 * nothing else; {@code Mount} says where a URI leads, {@code StreamPath} what a path names; {@code
 * StreamView} is a stream as of one version; each {@code Branch} is one folder of its root ({@code
 * steps}, {@code commits}, {@code producers}, {@code pins}, {@code forks}, {@code staging}); {@code
 * Content} is the bytes of an open file. Writing is {@code StagingArea} (files), {@code StagedStep}
 * (files to a bundle) and {@code StepCommitter} (bundle to a step, once).
 *
 * <p>May import core, {@code arrow.bundle}, {@code arrow.schema}, Arrow, Hadoop's public API. Must
 * never know Spark, or which store is behind a root.
 */
@NullMarked
package dev.lakestream.hadoop.fs;

import org.jspecify.annotations.NullMarked;
