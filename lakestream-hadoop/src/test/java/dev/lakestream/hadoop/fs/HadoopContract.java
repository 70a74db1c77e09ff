// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

/**
 * Marks what runs beside the libraries that Hadoop's contract tests were compiled against, and so
 * in a JVM of its own.
 */
public interface HadoopContract {}
